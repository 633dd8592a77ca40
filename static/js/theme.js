// Loaded in <head> without defer: the theme must be set before the first paint, or a dark page flashes white.
(() => {
  "use strict";
  const KEY = "theme";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    try {
      return localStorage.getItem(KEY) || "auto";
    } catch {
      return "auto"; // storage refused (private window): follow the system
    }
  }

  function apply() {
    const chosen = choice();
    const theme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
    if (root.dataset.bsTheme !== theme) {
      root.dataset.bsTheme = theme;
      document.dispatchEvent(new CustomEvent("themechange", { detail: { theme } }));
    }
    document.querySelectorAll("[data-theme-switch]").forEach((box) => {
      box.hidden = false;
      box.querySelectorAll("[data-theme]").forEach((button) => {
        button.setAttribute("aria-pressed", String(button.dataset.theme === chosen));
      });
    });
  }

  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", (event) => event.key === KEY && apply());
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-switch] [data-theme]");
    if (!button) return;
    try {
      localStorage.setItem(KEY, button.dataset.theme);
    } catch {
      root.dataset.bsTheme = button.dataset.theme;
    }
    apply();
  });
})();
