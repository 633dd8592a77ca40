// A button that copies what stands in the field beside it: <button data-copy="<id of the field>" hidden>.
// Without this script the button stays hidden; the field can be selected and copied by hand.
import { announce } from "./app.js";

async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // No clipboard without a secure connection, or the browser refuses: the old way, on what is selected.
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const word = button.querySelector("[data-copy-word]");
  const before = word.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const done = await copied(field);
    announce(done ? button.dataset.done : button.dataset.failed, done ? "success" : "error");
    button.focus();
    if (!done) {
      field.focus();
      field.select();
      return;
    }
    word.textContent = button.dataset.short;
    setTimeout(() => { word.textContent = before; }, 3000);
  });
}
