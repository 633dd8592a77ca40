// The command palette: Ctrl K or ⌘ K. Without this script its button leads to the search page.
const WAIT_MS = 150;
const dialog = document.querySelector("dialog[data-palette]");

if (dialog) {
  const input = dialog.querySelector("input");
  const form = dialog.querySelector("form");
  const list = dialog.querySelector("[data-palette-list]");
  const status = dialog.querySelector("[data-palette-status]");
  let timer = 0;
  let running = null;
  let asked = null;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function show(text) {
    const found = options();
    input.setAttribute("aria-expanded", String(found.length > 0));
    status.textContent = text || (found.length ? `${found.length} ${dialog.dataset.count}` : dialog.dataset.none);
    status.classList.toggle("visually-hidden", found.length > 0);
    choose(found[0]);
  }

  async function search() {
    const text = input.value.trim();
    if (text === asked) return;
    running?.abort();
    running = new AbortController();
    const mine = running;
    asked = text;
    list.setAttribute("aria-busy", "true");
    try {
      const url = new URL(form.action);
      url.search = new URLSearchParams({ q: text, part: "1" });
      const response = await fetch(url, { signal: mine.signal, headers: { "X-Requested-With": "fetch" } });
      if (!response.ok) throw new Error(String(response.status));
      // Our own server's template, escaped there.
      list.innerHTML = await response.text();
      show("");
    } catch (error) {
      if (error.name === "AbortError") return;
      asked = null;
      list.replaceChildren();
      show(dialog.dataset.failed);
    } finally {
      if (mine === running) list.removeAttribute("aria-busy");
    }
  }

  function open() {
    if (dialog.open) return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { menu.open = false; });
    dialog.showModal(); // the browser keeps the focus inside, closes on Escape and gives the focus back
    input.select();
    search();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-palette-open]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT_MS);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter and arrows belong to the input method while it writes Chinese
    if (event.key === "Escape") { // a search box would first empty itself
      event.preventDefault();
      dialog.close();
      return;
    }
    const found = options();
    const at = found.indexOf(chosen());
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key];
    if (next === undefined || !found.length || (["Home", "End"].includes(event.key) && input.value)) return;
    event.preventDefault();
    choose(found[(next + found.length) % found.length]);
  });

  form.addEventListener("submit", (event) => {
    const option = chosen();
    if (!option || input.value.trim() !== asked) return; // the search page answers what is not here yet
    event.preventDefault();
    window.location.assign(option.href);
  });

  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-palette-close]")) dialog.close();
  });

  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    document.querySelectorAll(".palette-key").forEach((key) => { key.textContent = "⌘ K"; });
  }
}
