// The form of a metric: what the chosen way of computing has no use for is hidden. Without this all parts are shown.

const form = document.querySelector("[data-metric-form]");

function value(name) {
  return form.elements.namedItem(name)?.value ?? "";
}

/** Show a part when all that it names is chosen. */
function arrange() {
  form.querySelectorAll("[data-for], [data-needs], [data-unit], [data-direction]").forEach((part) => {
    const { for: kinds, needs, unit, direction } = part.dataset;
    part.hidden =
      (kinds !== undefined && !kinds.split(" ").includes(value("aggregation"))) ||
      (needs !== undefined && value(needs) === "") ||
      (unit !== undefined && value("unit_of_measure") !== unit) ||
      (direction !== undefined && value("direction") !== direction);
  });
}

if (form) {
  form.addEventListener("change", arrange);
  arrange();
}
