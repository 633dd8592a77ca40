// Copying and pasting blocks from and to Excel: tab-separated lines.
import { parse, typed } from "./numbers.js";
import { say } from "./reason.js";

/** The lines and cells of copied text; a cell in quotation marks may hold breaks, as Excel writes it. */
export function table(text) {
  const rows = [[""]];
  let quoted = false;
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let place = 0; place < clean.length; place += 1) {
    const letter = clean[place];
    const row = rows.at(-1);
    if (letter === '"' && (quoted || row.at(-1) === "")) {
      if (quoted && clean[place + 1] === '"') {
        row[row.length - 1] += '"';
        place += 1;
      } else quoted = !quoted;
    } else if (letter === "\t" && !quoted) row.push("");
    else if (letter === "\n" && !quoted) rows.push([""]);
    else row[row.length - 1] += letter;
  }
  return rows;
}

export class Clip {
  constructor(model, view, keys) {
    Object.assign(this, { model, view, keys, words: view.words });
    for (const [name, act] of [["copy", "copy"], ["cut", "cut"], ["paste", "paste"]]) {
      document.addEventListener(name, (event) => {
        if (keys.editor || !view.table.contains(document.activeElement)) return;
        event.preventDefault();
        this[act](event.clipboardData);
      });
    }
  }

  copy(clipboard) {
    const { top, bottom, left, right } = this.keys.block;
    const { percent } = this.model.tab;
    const lines = [];
    for (let row = top; row <= bottom; row += 1) {
      const cells = [];
      for (let place = left; place <= right; place += 1) cells.push(this.value(row, place, percent));
      lines.push(cells.join("\t"));
    }
    clipboard.setData("text/plain", lines.join("\r\n"));
    this.view.say(say(this.words.copied, { n: lines.length * (right - left + 1) }));
  }

  value(row, place, percent) {
    const { kind, months } = this.view.columns[place];
    if (kind === "past") return typed(this.model.tab.lastWhole[row], percent);
    return typed(this.model.together(row, months).value, percent);
  }

  cut(clipboard) {
    this.copy(clipboard);
    this.keys.clear();
  }

  paste(clipboard) {
    const rows = table(clipboard.getData("text/plain"));
    const found = this.read(rows);
    if (found.problem) {
      this.view.reason(...this.keys.at, found.problem);
      this.view.say(found.problem);
      return;
    }
    const cells = this.model.set(found.cells);
    this.keys.apply(cells, "");
    const { top, left } = this.keys.block;
    this.keys.anchor = [top, left];
    this.keys.go([top + found.height - 1, left + found.width - 1], true);
    const left_over = found.held ? ` ${say(this.words.left, { n: found.held })}` : "";
    this.view.say(say(this.words.pasted, { n: cells.length }) + left_over);
    if (found.held) this.view.reason(...this.keys.at, say(this.words.left, { n: found.held }));
  }

  /**
   * What a block makes of the cells from the selection's first one on; all of it, or {problem}.
   * One value fills the whole selection. In a block with months, columns of sums follow from these and are left out.
   */
  read(rows) {
    const { top, bottom, left, right } = this.keys.block;
    const width = Math.max(...rows.map((row) => row.length));
    const single = rows.length === 1 && width === 1;
    const height = single ? bottom - top + 1 : rows.length;
    const across = single ? right - left + 1 : width;
    if (top + height > this.keys.last[0] + 1 || left + across > this.keys.last[1] + 1) {
      return { problem: say(this.words.pasteWide, { rows: rows.length, columns: width }) };
    }
    const places = [...Array(across).keys()].map((step) => left + step);
    const hasMonths = places.some((place) => this.view.columns[place].kind === "month");
    const all = { cells: [], held: 0, height, width: across };
    for (let down = 0; down < height; down += 1) {
      for (const place of places) {
        const text = single ? rows[0][0] : rows[down][place - left] ?? "";
        const problem = this.take(all, top + down, place, text, hasMonths);
        if (problem) return { problem };
      }
    }
    return all;
  }

  /** Add what one pasted cell sets; the reason where it can't be read. */
  take(all, row, place, text, hasMonths) {
    const { kind, months, label } = this.view.columns[place];
    if (kind === "past" || (kind !== "month" && hasMonths)) return "";
    const { problem, value } = parse(text, this.model.tab.percent);
    const made = problem || kind === "month" ? { problem, cells: [[row, months[0], value]] } : this.model.spread(row, months, value);
    if (made.problem === "noMonth" || (kind === "month" && this.model.fixed(row, months[0]))) {
      all.held += 1;
      return "";
    }
    if (!made.problem) {
      all.cells.push(...made.cells);
      return "";
    }
    const { percent } = this.model.tab;
    const why = say(this.words[made.problem], { text: text.slice(0, 40), sum: made.sum ? typed(made.sum, percent) : "", total: text });
    return say(this.words.pasteBad, { name: this.model.data.people[row][1], month: label, why });
  }
}
