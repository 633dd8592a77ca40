// Small behaviours of the shell. Every page works without them.

/** Menus made of <details data-menu>: Escape and a click elsewhere close them. */
function closeMenus(except) {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details[data-menu]"));
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(".message")?.remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menus = [...document.querySelectorAll("details[data-menu][open]")];
  // The innermost one, and the one that holds the focus before another.
  const open = menus.filter((menu) => menu.contains(document.activeElement)).at(-1) ?? menus.at(-1);
  if (!open) return;
  open.open = false;
  open.querySelector("summary")?.focus();
});

/** The bell's panel is fetched when it is opened, each time anew. */
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("details.bell") || !menu.open) return;
  menu.querySelector("[hx-get]")?.dispatchEvent(new Event("bell:open"));
}, true);

/** Filters apply as soon as a choice is made; the button stays for the keyboard and for pages without scripts. */
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
});

/** Coming into such a field takes all of it, so that typing begins a new search and copying needs one key. */
let entered = null;
document.addEventListener("focusin", (event) => {
  entered = event.target.matches("input[data-select]") ? event.target : null;
  entered?.select();
});
document.addEventListener("click", (event) => {
  if (event.target === entered) entered.select();
  entered = null;
});

/** A form with data-once is not sent twice by an impatient second click. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});

// Back from the browser's cache: the form may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
});

/** Put a message where Django's messages are; the region is live, so it is read out. */
export function announce(text, level = "error") {
  const region = document.querySelector("[data-messages]");
  if (!region) return;
  const box = document.createElement("div");
  box.className = `message message-${level}`;
  const line = document.createElement("p");
  line.textContent = text;
  box.append(line);
  region.replaceChildren(box);
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => announce(document.body.dataset.textFailed));
}

document.querySelectorAll("[data-dismiss]").forEach((button) => {
  button.hidden = false;
});
