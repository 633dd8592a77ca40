// The editor of a questionnaire: questions are dragged, or moved with the arrows, without a request each; the order
// is that of the rows when it is saved. Without scripts the arrows are sent and do the same.
import Sortable from "../../vendor/sortablejs/sortable.esm.js";
import { announce } from "../app.js";

const form = document.querySelector("form[data-questionnaire]");
const list = form?.querySelector("[data-items]");
let changed = false;

function say(item) {
  const items = [...list.children];
  const text = form.dataset.textMoved
    .replace("{question}", item.querySelector("[data-name]").textContent.trim())
    .replace("{place}", items.indexOf(item) + 1)
    .replace("{count}", items.length);
  announce(text, "info");
}

if (list) {
  document.documentElement.classList.add("has-drag");
  Sortable.create(list, {
    handle: "[data-handle]", animation: 120, ghostClass: "is-moving",
    onEnd: ({ item, oldIndex, newIndex }) => { if (oldIndex !== newIndex) { changed = true; say(item); } },
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("[data-item]");
    const other = button.dataset.move === "up" ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (button.dataset.move === "up") other.before(item);
    else other.after(item);
    changed = true;
    button.focus();
    say(item);
  });
}

// Leaving with an order or a setting that is not saved is asked about by the browser.
form?.addEventListener("change", (event) => { if (event.target.name) changed = true; });
form?.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

/** The bank below is searched by its text. */
const search = form?.querySelector("[data-search]");
if (search) {
  search.hidden = false;
  const input = search.querySelector("input");
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  input.addEventListener("input", () => {
    const text = input.value.trim().toLowerCase();
    form.querySelectorAll("[data-bank] fieldset").forEach((group) => {
      const labels = [...group.querySelectorAll("label")];
      for (const label of labels) {
        label.hidden = !label.textContent.toLowerCase().includes(text) && !label.querySelector("input").checked;
      }
      group.hidden = labels.every((label) => label.hidden);
    });
  });
}
