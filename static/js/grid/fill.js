// Filling many cells at once: recommendation, the period before or last year plus a percentage, evenly, by season, a copy.
import { parse, rounded } from "./numbers.js";
import { decimalsShown, recommended, say } from "./reason.js";

const WHOLE = 1000000n; // 100% in units of 0.0001 percent

/** A value changed by a percentage, in the decimals that such values have. */
export function changedBy(value, percent, places) {
  const size = value * (WHOLE + percent);
  const whole = size / WHOLE;
  const rest = size % WHOLE;
  return rounded(2n * rest >= WHOLE ? whole + 1n : whole, places);
}

/** The cells that a way of filling sets: [row, month, value], from [row, month]; what has nothing to start from is left out. */
export function filled(model, cells, { how, percent = 0n, person = 0 }) {
  const rows = new Map();
  for (const [row, month] of cells) rows.set(row, [...(rows.get(row) ?? []), month]);
  return [...rows].flatMap(([row, months]) => ways[how](model, row, months, { percent, person }));
}

const kept = (cells) => cells.filter(([, , value]) => value !== null && value !== undefined && value >= 0n);

const ways = {
  recommendation: (model, row, months) => kept(months.map((month) => [row, month, recommended(model.tab, row, month)])),
  lastYear: (model, row, months, { percent }) => kept(months.map((month) => {
    const value = model.tab.lastYear[row][month];
    return [row, month, value === null ? null : changedBy(value, percent, decimalsShown(model.tab))];
  })),
  before(model, row, months, { percent }) {
    const whole = model.tab.before[row];
    if (whole === null) return [];
    const value = changedBy(whole, percent, decimalsShown(model.tab));
    if (!model.tab.adds) return kept(months.map((month) => [row, month, value]));
    const parts = model.parts(value, model.data.months.map((_label, month) => month));
    return kept(months.map((month) => [row, month, parts[month]]));
  },
  even: (model, row, months) => again(model, row, months, "even"),
  season: (model, row, months) => again(model, row, months, "season"),
  copy: (model, row, months, { person }) => kept(months.map((month) => [row, month, model.tab.now[person][month]])),
};

/** What a person's months sum to, split over them anew. */
function again(model, row, months, by) {
  if (!model.tab.adds) return [];
  const { value } = model.together(row, months);
  if (value === null) return [];
  const parts = model.parts(value, months, by);
  return months.map((month, place) => [row, month, parts[place]]);
}

export function fillDialog(model, view, keys) {
  const { words } = view;
  const dialog = document.querySelector("dialog[data-fill]");
  const form = dialog.querySelector("form");
  const problem = dialog.querySelector("[data-fill-problem]");
  const people = dialog.querySelector("[data-people]");
  people.replaceChildren(...model.data.people.map(([, name], row) => new Option(name, row)));

  document.querySelector("[data-open-fill]").addEventListener("click", () => {
    const count = keys.months().length;
    dialog.querySelector("[data-fill-count]").textContent = `(${count})`;
    form.elements.scope.value = count > 1 ? "selection" : "all";
    problem.hidden = true;
    dialog.showModal();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "fill") return;
    const percent = parse(form.elements.percent.value.replace(/[%-]/g, ""));
    const sign = form.elements.percent.value.trim().startsWith("-") ? -1n : 1n;
    if (percent.problem) {
      event.preventDefault();
      problem.textContent = say(words[percent.problem], { text: form.elements.percent.value });
      problem.hidden = false;
      return;
    }
    const chosen = form.elements.scope.value === "selection" ? keys.months() : everything(model);
    const free = chosen.filter(([row, month]) => (
      !model.fixed(row, month) && !(form.elements.only_empty.checked && model.tab.now[row][month] !== null)
    ));
    const asked = { how: form.elements.how.value, percent: sign * (percent.value ?? 0n), person: Number(form.elements.person.value) };
    const cells = model.set(filled(model, free, asked));
    keys.apply(cells, cells.length ? words.filled : words.nothingFilled);
    if (!cells.length) view.reason(...keys.at, words.nothingFilled);
  });
  dialog.addEventListener("close", () => view.cell(...keys.at).focus());
}

const everything = (model) => model.data.people.flatMap((_person, row) => model.data.months.map((_label, month) => [row, month]));
