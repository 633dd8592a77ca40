// Drop zones around a file field: <div data-drop-zone data-text="…"> with an <input type="file"> inside.
// Without this script the field is an ordinary one.

for (const zone of document.querySelectorAll("[data-drop-zone]")) {
  const input = zone.querySelector("input[type=file]");
  if (!input) continue;
  const hint = document.createElement("p");
  hint.className = "drop-hint";
  hint.textContent = zone.dataset.text;
  zone.prepend(hint);
  zone.classList.add("drop-ready");

  const over = (on) => zone.classList.toggle("drop-over", on);
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      over(true);
    });
  }
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) over(false);
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length === 0) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
