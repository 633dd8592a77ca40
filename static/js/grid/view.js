// Paints the grid. A change touches its own cell and the totals it enters, never the table.
import { WHOLE, chanceOf, say, sentences } from "./reason.js";
import { shown } from "./numbers.js";

const MARKS = { "too high": "high", stretch: "stretch", fair: "fair", safe: "safe", "too low": "low" };

export class View {
  constructor(model, words) {
    this.model = model;
    this.words = words;
    this.table = document.querySelector("table[data-grid]");
    this.rows = [...this.table.tBodies[0].rows];
    this.totals = this.table.querySelector("[data-totals]");
    this.columns = model.data.columns.map(([kind, label, months]) => ({ kind, label, months }));
    this.columnOf = [];
    this.columns.forEach((column, place) => { if (column.kind === "month") this.columnOf[column.months[0]] = place; });
    this.find = (name) => document.querySelector(`[data-${name}]`);
    this.say = (text) => { this.find("say").textContent = text; };
    this.prepare();
  }

  /** The cell of a row and a column of figures (0 is last year's). */
  cell(row, column) {
    return this.rows[row].cells[column + 1];
  }

  /** Give each month its line for the probability, once. */
  prepare() {
    for (const row of this.rows) {
      this.columns.forEach((column, place) => {
        const cell = row.cells[place + 1];
        cell.setAttribute("aria-colindex", place + 2);
        if (column.kind !== "month" && column.kind !== "total") return;
        const text = document.createTextNode(cell.textContent);
        cell.replaceChildren(text, document.createElement("small"));
      });
    }
  }

  all() {
    const { tab } = this.model;
    this.table.setAttribute("aria-label", tab.name);
    this.rows.forEach((_row, row) => {
      this.cell(row, 0).textContent = shown(tab.lastWhole[row], tab.percent);
      this.columnOf.forEach((_column, month) => this.month(row, month));
      this.wholes(row, this.columns.keys());
    });
    this.sums(this.columnOf.keys());
    this.above();
    this.buttons();
  }

  /** Paint the cells that changed, and the totals they enter. */
  changed(cells) {
    const rows = new Map();
    const months = new Set();
    for (const [row, month] of cells) {
      this.month(row, month);
      months.add(month);
      rows.set(row, (rows.get(row) ?? new Set()).add(month));
    }
    for (const [row, its] of rows) this.wholes(row, this.entered(its));
    this.sums(months);
    this.above();
    this.buttons();
  }

  month(row, month) {
    const { tab } = this.model;
    const cell = this.cell(row, this.columnOf[month]);
    const value = tab.now[row][month];
    write(cell.firstChild, shown(value, tab.percent));
    this.chance(cell, chanceOf(tab, row, month, value));
    const why = this.model.fixed(row, month);
    attribute(cell, "aria-readonly", why ? "true" : null);
    attribute(cell, "data-fixed", why || null);
    const dirty = tab.dirty.has(`${row}:${month}`);
    attribute(cell, "data-dirty", dirty ? "" : null);
    const before = shown(tab.saved[row][month], tab.percent) || this.words.empty;
    attribute(cell, "aria-description", dirty ? say(this.words.unsaved, { before }) : null);
  }

  /** How likely it is, by colour, mark and word. */
  chance(cell, found) {
    attribute(cell, "data-t", found ? MARKS[found.verdict] : null);
    write(cell.lastChild, found ? `${found.percent}% ${this.words[found.verdict]}` : "");
  }

  /** The columns of totals that these months enter. */
  entered(months) {
    return this.columns.map((_column, place) => place).filter((place) => this.sumsUp(place, months));
  }

  sumsUp(place, months) {
    const { kind, months: its } = this.columns[place];
    return (kind === "quarter" || kind === "total") && its.some((month) => months.has(month));
  }

  wholes(row, places) {
    const { tab } = this.model;
    for (const place of places) {
      const { kind, months } = this.columns[place];
      if (kind !== "quarter" && kind !== "total") continue;
      const { value, mixed } = this.model.together(row, months);
      const cell = this.cell(row, place);
      write(kind === "total" ? cell.firstChild : cell, mixed ? this.words.byMonth : shown(value, tab.percent));
      if (kind === "total") this.chance(cell, chanceOf(tab, row, WHOLE, this.whole(row, months, value)));
    }
  }

  /** A total that can be judged: of sums only once each month has a number, else it would seem too easy. */
  whole(row, months, value) {
    const { tab } = this.model;
    return tab.adds && months.some((month) => tab.now[row][month] === null) ? null : value;
  }

  sums(months) {
    const { tab } = this.model;
    const its = new Set(months);
    this.columns.forEach(({ kind, months: of }, place) => {
      const cell = this.totals.cells[place + 1];
      if (kind === "past") {
        write(cell, tab.adds ? shown(tab.lastWhole.reduce((sum, value) => sum + (value ?? 0n), 0n), tab.percent) : "");
      } else if (of.some((month) => its.has(month))) {
        write(cell, tab.adds ? shown(of.reduce((sum, month) => sum + tab.sums[month], 0n), tab.percent) : "");
      }
    });
  }

  /** The goal of the unit or company above, and how far the people's sum is from it. */
  above() {
    const { tab } = this.model;
    const box = this.find("above");
    box.hidden = tab.target === null;
    if (box.hidden) return;
    write(this.find("above-text"), tab.above[1]);
    write(this.find("above-target"), shown(tab.target, tab.percent));
    const gap = tab.sums.reduce((sum, value) => sum + value, 0n) - tab.target;
    const known = tab.adds && this.model.data.isWhole;
    const text = gap === 0n ? this.words.gapNone : `${this.words.gap} ${gap > 0n ? "+" : "−"}${shown(gap < 0n ? -gap : gap, tab.percent)}`;
    write(this.find("above-gap"), known ? text : "");
    attribute(this.find("above-gap"), "data-short", known && gap < 0n ? "" : null);
  }

  buttons() {
    const count = this.model.dirtyCount;
    const { words } = this;
    write(this.find("save-word"), count === 0 ? words.save : count === 1 ? words.saveOne : say(words.saveMany, { n: count }));
    this.find("open-save").disabled = count === 0;
    this.find("undo").disabled = this.model.done.length === 0;
    this.find("redo").disabled = this.model.undone.length === 0;
  }

  /** The callout: about a cell of a month, or about a figure that is no month. */
  reason(row, place, problem = "") {
    const { tab, data } = this.model;
    const { kind, label, months } = this.columns[place];
    const month = kind === "month" ? months[0] : null;
    const known = kind === "past" ? tab.lastWhole[row] : this.model.together(row, months).value;
    const value = shown(known, tab.percent);
    const where = say(this.words.here, { name: data.people[row][1], month: month === null ? label : data.monthNames[month] });
    this.find("reason").hidden = false;
    this.find("reason").classList.toggle("callout-bad", Boolean(problem));
    write(this.find("reason-title"), value ? `${where} · ${value}` : where);
    const why = month === null ? "" : this.model.fixed(row, month);
    const about = kind === "past" ? this.words.past
      : kind === "quarter" ? "" : sentences(tab, row, month ?? WHOLE, month === null ? this.whole(row, months, known) : known, this.words);
    write(this.find("reason-text"), problem || [why && this.words[why], about].filter(Boolean).join(this.words.between));
    const goal = why === "bound" && data.goalUrl ? data.goalUrl.replace(/0\/$/, `${tab.bound[`${row}:${month}`]}/`) : "";
    const link = this.find("reason-link");
    link.hidden = !goal;
    if (goal) {
      link.href = goal;
      write(link, this.words.ask);
    }
  }
}

/** Write a text only where it is another one. */
function write(node, text) {
  if (node.nodeType === Node.TEXT_NODE) {
    if (node.data !== text) node.data = text;
  } else if (node.textContent !== text) node.textContent = text;
}

function attribute(node, name, value) {
  if (node.getAttribute(name) === value) return;
  if (value === null) node.removeAttribute(name);
  else node.setAttribute(name, value);
}
