// Follow-up questions come and go with the answer that they follow. Without scripts the server asks them afterwards.

const form = document.querySelector("form");

/** In the order of the page, so that a question that goes takes those with it that follow up on it. */
function follow() {
  for (const question of form.querySelectorAll("[data-after]")) {
    const answer = form.querySelector(`input[name="${question.dataset.after}"]:checked:enabled`);
    const chosen = answer && !answer.closest("fieldset").disabled ? Number(answer.value) : NaN;
    const applies = chosen >= Number(question.dataset.low) && chosen <= Number(question.dataset.high);
    question.hidden = !applies;
    question.disabled = !applies;
  }
}

/** The other language is another page: what was typed goes with it, and is gone from here as soon as it is there. */
const KEPT = `survey:${location.pathname}`;

function keep() {
  const typed = [...new FormData(form)].filter(([name]) => name.startsWith("a-"));
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(typed));
  } catch {
    // No storage: the address still carries the score.
  }
}

function bring() {
  try {
    for (const [name, value] of JSON.parse(sessionStorage.getItem(KEPT) ?? "[]")) {
      const field = form.elements.namedItem(name);
      if (field) field.value = value;
    }
    sessionStorage.removeItem(KEPT);
  } catch {
    // No storage, nothing kept.
  }
}

/** On a slow phone people press twice: the second time says nothing new. */
let isSent = false;

function once(event) {
  if (isSent) event.preventDefault();
  isSent = true;
}

if (form) {
  form.addEventListener("change", follow);
  form.addEventListener("submit", once);
  addEventListener("pageshow", () => (isSent = false));
  document.querySelector("a.other")?.addEventListener("click", keep);
  bring();
  follow();
}
