// The target grid: the manager's main screen. Data comes with the page; nothing is asked for until it is saved.
import { Clip } from "./clip.js";
import { fillDialog } from "./fill.js";
import { Keys } from "./keys.js";
import { Model } from "./model.js";
import { Saving } from "./save.js";
import { View } from "./view.js";

const data = JSON.parse(document.getElementById("grid-data").textContent);
const model = new Model(data);
const view = new View(model, data.words);
const keys = new Keys(model, view);
const tabs = [...document.querySelectorAll("[data-tab]")];

/** Show the model's present tab. */
function showTab() {
  tabs.forEach((tab, place) => {
    if (place === model.at) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  });
  view.all();
  view.reason(...keys.at);
  document.querySelector(".page-head h1").textContent = data.titles[model.at];
  document.querySelector(".page-head .page-sub").textContent = data.subs[model.at];
  history.replaceState(null, "", tabs[model.at].href);
  const select = document.querySelector(".filter-bar select[name=metric]");
  if (select) select.value = model.tab.code;
}

keys.onTab = showTab;
for (const tab of tabs) {
  tab.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    model.at = Number(tab.dataset.tab);
    showTab();
  });
}
document.querySelector("[data-undo]").addEventListener("click", () => keys.undo(false));
document.querySelector("[data-redo]").addEventListener("click", () => keys.undo(true));
document.querySelector("[data-split]").addEventListener("change", (event) => { model.splitBy = event.target.value; });
new Clip(model, view, keys);
new Saving(model, view, keys);
fillDialog(model, view, keys);
view.all();
document.querySelector("[data-tools]").hidden = false;
view.table.dataset.ready = "yes";
