// Hints about a text while it is written: the server reads it and forgets it. How many characters are left is said
// when there are few.

const WAIT = 1200;
const FEW = 500;

function countOf(area, words) {
  const box = area.closest("[data-question]").querySelector("[data-count]");
  if (!box) return;
  const left = area.maxLength - area.value.length;
  box.hidden = left > FEW;
  box.textContent = words.textLeft.replace("{n}", left);
}

async function hint(form, area) {
  const box = area.closest("[data-question]").querySelector("[data-hints]");
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
  body.set("question", area.name);
  body.set("text", area.value);
  form.querySelectorAll("input[type=radio][data-answer]:checked").forEach((input) => body.set(input.name, input.value));
  try {
    const response = await fetch(form.dataset.hintsUrl, { method: "POST", body, redirect: "manual" });
    // Hints are a courtesy: without an answer of ours there are none.
    if (response.ok) box.innerHTML = (await response.text()).trim();
  } catch (error) {
    console.info("hints:", error);
  }
}

export function watchTexts(form) {
  const timers = new Map();
  form.querySelectorAll("textarea[data-text]").forEach((area) => {
    countOf(area, form.dataset);
    area.addEventListener("input", () => {
      countOf(area, form.dataset);
      clearTimeout(timers.get(area));
      timers.set(area, setTimeout(() => hint(form, area), WAIT));
    });
  });
}
