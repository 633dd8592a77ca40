// The form of a question: steps are for scales only, and more of them come when they are wanted.

const form = document.querySelector("form[data-question-form]");
const kind = form?.elements.namedItem("kind");
const steps = form?.querySelector("[data-steps]");

if (kind && steps) {
  const arrange = () => { steps.hidden = kind.value !== "scale"; };
  kind.addEventListener("change", arrange);
  arrange();
  const further = [...steps.querySelectorAll("[data-more]")];
  const button = steps.querySelector("[data-more-steps]");
  const empty = further.filter((row) => [...row.querySelectorAll("textarea")].every((area) => area.value === ""));
  empty.forEach((row) => { row.hidden = true; });
  button.hidden = empty.length === 0;
  button.addEventListener("click", () => {
    empty.forEach((row) => { row.hidden = false; });
    button.hidden = true;
    empty[0].querySelector("textarea").focus();
  });
}
