// What the grid holds: saved and present values of each metric, what may be changed, undo and redo. No page in here.
import { DECIMALS, decimalsOf, exact } from "./numbers.js";
import { split } from "./split.js";

const REASONS = { l: "locked", o: "own", a: "absent" };

/** The forecasts of the rows, by place of the month; they come as a text of their own. */
function outlooks(text) {
  return JSON.parse(text).map((packed) => {
    if (!packed) return null;
    const [basis, months, best, history, transform, step, periods] = packed;
    return { basis, months, best, history, transform, step, at: new Map(periods.map(([place, ...rest]) => [place, rest])) };
  });
}

/** A tab: `saved` and `now` are BigInt or null by row and month, `sums` the sums of the months over the rows. */
function tab(raw) {
  const saved = raw.values.map((row) => row.map(exact));
  const sums = raw.values.length ? saved[0].map((_none, month) => saved.reduce((sum, row) => sum + (row[month] ?? 0n), 0n)) : [];
  return {
    ...raw, saved, now: saved.map((row) => [...row]), sums, dirty: new Map(),
    lastYear: raw.lastYear.map((row) => row.map(exact)), lastWhole: raw.lastWhole.map(exact), before: raw.before.map(exact),
    outlooks: outlooks(raw.outlooks), wholes: outlooks(raw.wholes), season: raw.season.map(BigInt), days: raw.days.map(BigInt), target: raw.above ? exact(raw.above[0]) : null,
  };
}

export class Model {
  constructor(data) {
    this.data = data;
    this.tabs = data.metrics.map(tab);
    this.at = data.tab;
    this.done = [];
    this.undone = [];
    this.splitBy = "season";
  }

  get tab() {
    return this.tabs[this.at];
  }

  /** Why a month of a person can't be changed: a key of the words; "" when it can. */
  fixed(row, month, of = this.tab) {
    return REASONS[this.data.fixed[row][month]] ?? (`${row}:${month}` in of.bound ? "bound" : "");
  }

  get dirtyCount() {
    return this.tabs.reduce((sum, it) => sum + it.dirty.size, 0);
  }

  /** Put values into cells of the present tab, [row, month, value]; returns those that changed, as one step to undo. */
  set(cells) {
    const step = { tab: this.at, cells: [] };
    for (const [row, month, value] of cells) {
      const before = this.tab.now[row][month];
      if (before === value || this.fixed(row, month)) continue;
      step.cells.push([row, month, before, value]);
      this.put(this.tab, row, month, value);
    }
    if (step.cells.length) {
      this.done.push(step);
      this.undone = [];
    }
    return step.cells;
  }

  put(of, row, month, value) {
    of.sums[month] += (value ?? 0n) - (of.now[row][month] ?? 0n);
    of.now[row][month] = value;
    const key = `${row}:${month}`;
    if (value === of.saved[row][month]) of.dirty.delete(key);
    else of.dirty.set(key, [row, month]);
  }

  /** Take the last step back, or do it again; returns it, null without one. Its tab is then the present one. */
  back() {
    return this.replay(this.done, this.undone, 2);
  }

  again() {
    return this.replay(this.undone, this.done, 3);
  }

  replay(from, to, place) {
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    this.at = step.tab;
    for (const cell of step.cells) this.put(this.tabs[step.tab], cell[0], cell[1], cell[place]);
    return step;
  }

  /** The weights of months for a split, by what is chosen: season and working days, working days, or evenly. */
  weights(months, by = this.splitBy) {
    const chosen = months.map((month) => (by === "season" ? this.tab.season[month] : by === "days" ? this.tab.days[month] : 1n));
    return chosen.some((weight) => weight > 0n) ? chosen : months.map(() => 1n);
  }

  /** A total split over months in the metric's unit, or in as many decimals as it has. */
  parts(total, months, by) {
    const places = Math.max(this.tab.places, decimalsOf(total));
    const unit = 10n ** BigInt(DECIMALS - places);
    return split(total / unit, this.weights(months, by)).map((part) => part * unit);
  }

  /**
   * The cells that a quarter's or year's number makes: [row, month, value] for the months that may be changed.
   * {problem} where the others already are more, or where none may be changed. null clears.
   */
  spread(row, months, total) {
    const free = months.filter((month) => !this.fixed(row, month));
    if (!free.length) return { problem: "noMonth" };
    if (total === null || !this.tab.adds) return { cells: free.map((month) => [row, month, total]) };
    const held = months.filter((month) => !free.includes(month)).reduce((sum, month) => sum + (this.tab.now[row][month] ?? 0n), 0n);
    if (total < held) return { problem: "tooSmall", sum: held };
    const parts = this.parts(total - held, free);
    return { cells: free.map((month, place) => [row, month, parts[place]]) };
  }

  /** A person's months together: {value}, of levels only where all that are set are the same, else {mixed}. */
  together(row, months) {
    const known = months.map((month) => this.tab.now[row][month]).filter((value) => value !== null);
    if (!known.length) return { value: null };
    if (this.tab.adds) return { value: known.reduce((sum, value) => sum + value, 0n) };
    return known.every((value) => value === known[0]) ? { value: known[0] } : { value: null, mixed: true };
  }

  /** Every unsaved cell: {tab, row, month, before, after}. */
  changes() {
    return this.tabs.flatMap((of) => [...of.dirty.values()].map(([row, month]) => (
      { tab: of, row, month, before: of.saved[row][month], after: of.now[row][month] }
    )));
  }

  /** What was sent is saved now. Steps before it can still be undone: that makes them unsaved again. */
  saved(changes) {
    for (const { tab: of, row, month, after } of changes) {
      of.saved[row][month] = after;
      this.put(of, row, month, of.now[row][month]);
    }
  }

  /** Somebody else's value came to light: it is the saved one; with `take` also what stands here. */
  theirs(of, row, month, value, take) {
    of.saved[row][month] = value;
    this.put(of, row, month, take ? value : of.now[row][month]);
  }
}
