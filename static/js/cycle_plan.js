// Weights of a cycle: their sum while one types, and whether it is 100.

function refresh(box) {
  const output = box.querySelector("[data-sum]");
  if (!output) return;
  let cents = 0;
  let typed = false;
  for (const input of box.querySelectorAll("input[data-weight]")) {
    const used = input.closest("tr")?.querySelector("input[type=checkbox]");
    if (used && !used.checked) continue;
    typed = typed || input.value.trim() !== "";
    cents += Math.round(Number(input.value || 0) * 100);
  }
  const empty = "emptyOk" in box.dataset && !typed;
  output.textContent = empty ? "–" : String(cents / 100);
  output.classList.toggle("is-right", empty || cents === 10000);
  output.classList.toggle("is-wrong", !empty && cents !== 10000);
}

for (const box of document.querySelectorAll("[data-weights]")) {
  refresh(box);
  box.addEventListener("input", () => refresh(box));
}
