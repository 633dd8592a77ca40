// The editor of a survey. Everything works without it: the buttons are the server's. It adds dragging of questions, the
// colour picker with its contrast, and a question by the browser before changes are lost.
import Sortable from "../../vendor/sortablejs/sortable.esm.js";
import { announce } from "../app.js";

const form = document.getElementById("survey-editor");
const box = document.getElementById("editor-box");
let changed = form.hasAttribute("data-changed");

function say(item) {
  const items = [...item.parentElement.children];
  announce(form.dataset.textMoved
    .replace("{question}", item.querySelector("[data-name]").textContent.trim())
    .replace("{place}", items.indexOf(item) + 1)
    .replace("{count}", items.length), "info");
}

/** The order of the rows is the order of the questions: the server numbers them and offers what is earlier. */
function sortable() {
  const list = box.querySelector("[data-questions]");
  if (!list) return;
  document.documentElement.classList.add("has-drag");
  Sortable.create(list, {
    handle: "[data-handle]", animation: 120, ghostClass: "is-moving",
    onEnd: ({ item, oldIndex, newIndex }) => {
      if (oldIndex === newIndex) return;
      changed = true;
      say(item);
      box.querySelector("[data-refresh]").click();
    },
  });
}

/** The contrast with white, as WCAG works it out. */
function contrast(colour) {
  const light = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05);
}

const typed = document.getElementById("accent"), pick = form.querySelector("[data-pick]");
const shown = form.querySelector("[data-contrast]");
function colour() {
  const found = /^#?([0-9a-f]{6})$/i.exec(typed.value.trim());
  if (found) pick.value = `#${found[1].toLowerCase()}`;
  shown.textContent = found ? contrast(`#${found[1]}`).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 }) : "";
}
pick.hidden = false;
pick.addEventListener("input", () => { typed.value = pick.value; changed = true; colour(); });
typed.addEventListener("input", colour);

form.addEventListener("input", (event) => { if (event.target.name) changed = true; });
form.addEventListener("submit", () => { changed = false; });
document.querySelector("form[data-leaves]")?.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

let acted = null; // the button whose answer is shown next: the focus goes back to it, or to what came
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (box.contains(event.target)) acted = event.target.value;
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.target !== box) return;
  changed = true;
  sortable();
  const [act, key] = (acted ?? "").split(":");
  if (act === "add") box.querySelector("[data-question]:last-child input:not([type=hidden])")?.focus();
  else if (act === "add_choice") [...box.querySelectorAll(`#q-${key} .survey-choice input:not([type=hidden])`)].at(-2)?.focus();
  else if (act === "remove" || act === "remove_choice") box.querySelector("#add .btn")?.focus();
  else if (acted) {
    const button = box.querySelector(`button[value="${acted}"]`);
    (button && !button.disabled ? button : box.querySelector(`#q-${key} .survey-tools button:not([disabled])`))?.focus();
    const item = box.querySelector(`#q-${key}`);
    if (item) say(item);
  }
});
sortable();
colour();
