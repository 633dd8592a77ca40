// Moving people in a calibration: links with data-move open in a dialog, chips are drawn to another grade's column.
// Without this script the links open the person's page, which has the same forms.

import { announce } from "./app.js";

const dialog = document.querySelector("dialog[data-calibration]");
const body = dialog?.querySelector("[data-calibration-body]");

/** Fetch a person's part and show it; what fails opens as a page. */
async function open(url) {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) {
      window.location.assign(url);
      return;
    }
    body.innerHTML = await answer.text();
    window.htmx?.process(body);
    dialog.showModal();
    body.querySelector("select, input:not([type=hidden]), textarea")?.focus();
  } catch {
    announce(dialog.dataset.failed);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-move]");
  if (!link || !dialog || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open(link.href);
});

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-calibration-close]")) dialog.close();
});

/** The chip that is being drawn. */
let drawn = null;

document.addEventListener("dragstart", (event) => {
  drawn = event.target.closest?.(".chip[draggable=true]") ?? null;
  if (!drawn) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", drawn.textContent.trim());
  drawn.classList.add("is-dragged");
});

document.addEventListener("dragend", () => {
  drawn?.classList.remove("is-dragged");
  document.querySelectorAll(".board-column.is-target").forEach((column) => column.classList.remove("is-target"));
  drawn = null;
});

for (const column of document.querySelectorAll("[data-board] [data-grade]")) {
  column.addEventListener("dragover", (event) => {
    if (!drawn || column.contains(drawn)) return;
    event.preventDefault();
    column.classList.add("is-target");
  });
  column.addEventListener("dragleave", (event) => {
    if (!column.contains(event.relatedTarget)) column.classList.remove("is-target");
  });
  column.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!drawn) return;
    const url = new URL(drawn.href);
    url.searchParams.set("grade", column.dataset.grade);
    open(url.href);
  });
}
