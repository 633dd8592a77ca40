// The form of a goal: what the chosen level, form of target and period have no use for is hidden, and the list of
// goals above can be searched. Without this all parts are shown.

const form = document.querySelector("[data-goal-form]");
const FEW = 8;

function value(name) {
  return form.elements.namedItem(name)?.value ?? "";
}

/** Show a part when what it is for is chosen. */
function arrange() {
  const chosen = { level: value("level"), form: value("form"), period: value("period") };
  for (const [name, word] of Object.entries(chosen)) {
    if (name === "level" && word === "") continue; // of a goal that is edited the level stays
    form.querySelectorAll(`[data-${name}]`).forEach((part) => {
      part.hidden = !part.dataset[name].split(" ").includes(word);
    });
  }
  form.querySelectorAll("[data-metric]").forEach((part) => { part.hidden = value("metric") === ""; });
  form.querySelectorAll("[data-adding]").forEach((part) => {
    part.hidden = part.dataset.adding.split(" ").includes(value("metric"));
  });
  // An empty form fails everything: that is no reason to ask why.
  const fails = value("title") === "" ? "" : document.querySelector("[data-fails-now]")?.dataset.failsNow ?? "";
  form.querySelectorAll("[data-fails]").forEach((part) => {
    part.hidden = fails === "" && value("smart_reason") === "" && part.querySelector(".field-error") === null;
  });
}

/** Let the goals above be searched by their text, where there are many. */
function search() {
  const box = form.querySelector("[data-search-of]");
  const select = box && document.getElementById(box.dataset.searchOf);
  if (!select || select.options.length <= FEW) return;
  const all = [...select.options];
  const input = box.querySelector("input");
  box.hidden = false;
  input.addEventListener("input", (event) => {
    event.stopPropagation(); // the search is no part of the goal
    const text = input.value.trim().toLowerCase();
    select.replaceChildren(...all.filter((it) => it.value === "" || it.selected || it.text.toLowerCase().includes(text)));
  });
}

/** Leave out an answer that was asked for before the reader typed on: it would put back what the fields held then. */
function keepTyped(panel) {
  let typed = 0;
  let asked = 0;
  const note = () => { typed += 1; };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  panel.addEventListener("htmx:beforeRequest", () => { asked = typed; });
  panel.addEventListener("htmx:beforeSwap", (event) => {
    if (asked !== typed) event.detail.shouldSwap = false; // what was typed asks again
  });
}

if (form) {
  keepTyped(document.getElementById("smart-panel"));
  form.addEventListener("change", arrange);
  document.body.addEventListener("htmx:afterSettle", arrange);
  document.body.addEventListener("htmx:oobAfterSwap", () => { arrange(); search(); });
  arrange();
  search();
}
