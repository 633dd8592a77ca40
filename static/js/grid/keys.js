// Moving, selecting and editing like in a spreadsheet; one listener for the whole table.
import { parse, typed } from "./numbers.js";
import { say } from "./reason.js";

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Keys {
  constructor(model, view) {
    this.model = model;
    this.view = view;
    this.words = view.words;
    this.last = [view.rows.length - 1, view.columns.length - 1];
    this.at = [0, Math.min(1, this.last[1])];
    this.anchor = this.at;
    this.marked = [];
    this.editor = null;
    this.input = Object.assign(document.createElement("input"), { type: "text", className: "tedit", autocomplete: "off", inputMode: "decimal" });
    view.cell(...this.at).tabIndex = 0;
    this.listen(view.table);
  }

  listen(table) {
    table.addEventListener("keydown", (event) => (this.editor ? this.editKey(event) : this.moveKey(event)));
    table.addEventListener("mousedown", (event) => this.press(event));
    table.addEventListener("mouseover", (event) => { if (event.buttons === 1 && this.dragging) this.drag(event); });
    document.addEventListener("mouseup", () => { this.dragging = false; });
    table.addEventListener("dblclick", (event) => { if (this.placeOf(event.target)) this.edit(); });
    table.addEventListener("focusin", (event) => {
      const place = this.editor ? null : this.placeOf(event.target);
      if (place && (place[0] !== this.at[0] || place[1] !== this.at[1])) this.go(place);
      else if (place) this.view.reason(...this.at);
    });
    this.input.addEventListener("blur", () => { if (this.editor && !this.closing) this.commit(); });
  }

  /** [row, column] of a node in a cell of figures; null elsewhere. */
  placeOf(node) {
    const cell = node.closest?.("td[role=gridcell]");
    const row = cell?.parentElement.dataset.row;
    return row === undefined ? null : [Number(row), cell.cellIndex - 1];
  }

  /** The corners of the selection. */
  get block() {
    const [[a, b], [c, d]] = [this.anchor, this.at];
    return { top: Math.min(a, c), bottom: Math.max(a, c), left: Math.min(b, d), right: Math.max(b, d) };
  }

  /** Selected cells of months, each once: [row, month]; those of quarters and years stand for theirs. */
  months() {
    const { top, bottom, left, right } = this.block;
    const found = new Map();
    for (let row = top; row <= bottom; row += 1) {
      for (let place = left; place <= right; place += 1) {
        const { kind, months } = this.view.columns[place];
        if (kind !== "past") for (const month of months) found.set(`${row}:${month}`, [row, month]);
      }
    }
    return [...found.values()];
  }

  go(place, extend = false) {
    const row = Math.max(0, Math.min(this.last[0], place[0]));
    const column = Math.max(0, Math.min(this.last[1], place[1]));
    const before = this.view.cell(...this.at);
    before.tabIndex = -1;
    before.removeAttribute("aria-describedby");
    this.at = [row, column];
    if (!extend) this.anchor = this.at;
    const cell = this.view.cell(row, column);
    cell.tabIndex = 0;
    cell.setAttribute("aria-describedby", "grid-reason");
    this.mark();
    this.view.reason(row, column);
    if (document.activeElement !== cell) cell.focus({ preventScroll: true });
    reveal(cell);
  }

  /** Show a block of more than one cell as selected. */
  mark() {
    for (const cell of this.marked) cell.removeAttribute("aria-selected");
    this.marked = [];
    const { top, bottom, left, right } = this.block;
    if (top === bottom && left === right) return;
    for (let row = top; row <= bottom; row += 1) {
      for (let place = left; place <= right; place += 1) {
        const cell = this.view.cell(row, place);
        cell.setAttribute("aria-selected", "true");
        this.marked.push(cell);
      }
    }
    this.view.say(say(this.words.selected, { n: this.marked.length }));
  }

  press(event) {
    const place = this.placeOf(event.target);
    if (!place || event.button !== 0 || event.target === this.input) return;
    event.preventDefault();
    const again = place[0] === this.at[0] && place[1] === this.at[1] && document.activeElement === this.view.cell(...place);
    this.go(place, event.shiftKey);
    this.dragging = true;
    // A second tap with a finger is what a double click is with a mouse.
    if (again && window.matchMedia("(pointer: coarse)").matches) this.edit();
  }

  drag(event) {
    const place = this.placeOf(event.target);
    if (place && (place[0] !== this.at[0] || place[1] !== this.at[1])) this.go(place, true);
  }

  moveKey(event) {
    const { key, shiftKey } = event;
    const control = event.ctrlKey || event.metaKey;
    const [row, column] = this.at;
    const wasLeaving = this.leaving;
    this.leaving = false;
    if (STEPS[key]) {
      const [down, right] = STEPS[key].map((step) => (control ? step * 1e6 : step));
      this.go([row + down, column + right], shiftKey);
    } else if (key === "Home") this.go([control ? 0 : row, 0], shiftKey);
    else if (key === "End") this.go([control ? this.last[0] : row, this.last[1]], shiftKey);
    else if (key === "PageDown" || key === "PageUp") this.go([row + (key === "PageDown" ? 15 : -15), column], shiftKey);
    else if (key === "Tab") {
      if (wasLeaving || !this.step(shiftKey ? -1 : 1)) return;
    } else if (key === "Enter") this.go([row + (shiftKey ? -1 : 1), column]);
    else if (key === "Escape") {
      this.leaving = true;
      this.go(this.at);
      this.leaving = true;
      this.view.say(this.words.leave);
    } else if (key === "F2") this.edit();
    else if (key === "Delete" || key === "Backspace") this.clear();
    else if (control && key.toLowerCase() === "a") {
      this.anchor = [0, 0];
      this.go(this.last, true);
    } else if (!this.control(event, control)) return;
    event.preventDefault();
  }

  /** Ctrl+Z and Ctrl+Y, and characters that begin to replace a value; whether the key was one of these. */
  control(event, control) {
    const key = event.key.toLowerCase();
    if (control && key === "z") this.undo(event.shiftKey);
    else if (control && key === "y") this.undo(true);
    else if (!control && !event.altKey && (event.key.length === 1 || event.key === "Process")) {
      if (event.key === " ") return false;
      this.edit(event.key === "Process" ? "" : event.key);
      return event.key !== "Process"; // what an input method makes of the key goes into the field
    } else return false;
    return true;
  }

  /** One cell on, from row to row; false at the end of the grid, which Tab leaves. */
  step(by) {
    const width = this.last[1] + 1;
    const next = this.at[0] * width + this.at[1] + by;
    if (next < 0 || next >= width * (this.last[0] + 1)) return false;
    this.go([Math.floor(next / width), next % width]);
    return true;
  }

  undo(again) {
    const before = this.model.at;
    const step = again ? this.model.again() : this.model.back();
    if (!step) return;
    if (step.tab === before) this.view.changed(step.cells);
    else this.onTab();
    const [row, month] = step.cells[0];
    this.go([row, this.view.columnOf[month]]);
    this.view.say(again ? this.words.redone : this.words.undone);
  }

  clear() {
    const cells = this.model.set(this.months().map(([row, month]) => [row, month, null]));
    this.apply(cells, this.words.cleared);
  }

  /** Paint what changed and say how many. */
  apply(cells, text) {
    this.view.changed(cells);
    this.view.reason(...this.at);
    if (text) this.view.say(say(text, { n: cells.length }));
  }

  /** Why the present cell can't be changed; "" when it can. */
  held() {
    const { kind, months } = this.view.columns[this.at[1]];
    if (kind === "past") return this.words.past;
    if (kind === "month") return this.words[this.model.fixed(this.at[0], months[0])] ?? "";
    return months.every((month) => this.model.fixed(this.at[0], month)) ? this.words.noMonth : "";
  }

  /** Open the field: with a character that replaces the value, or with the value to change. */
  edit(first) {
    const problem = this.held();
    if (problem) {
      this.view.reason(...this.at, problem);
      this.view.say(problem);
      return;
    }
    const [row, column] = this.at;
    const { kind, months, label } = this.view.columns[column];
    const value = kind === "month" ? this.model.tab.now[row][months[0]] : this.model.together(row, months).value;
    const cell = this.view.cell(row, column);
    this.editor = { cell, replaces: first !== undefined };
    this.input.value = first ?? typed(value, this.model.tab.percent);
    this.input.setAttribute("aria-label", say(this.words.here, { name: this.model.data.people[row][1], month: label }));
    this.input.removeAttribute("aria-invalid");
    cell.append(this.input);
    cell.setAttribute("data-editing", "");
    this.input.focus({ preventScroll: true });
    if (first === undefined) this.input.select();
  }

  editKey(event) {
    if (event.isComposing || event.target !== this.input) return;
    const { key, shiftKey } = event;
    const step = this.editor.replaces ? STEPS[key] : undefined;
    if (key === "Escape") this.close();
    else if (key === "Enter") {
      if (this.commit()) this.go([this.at[0] + (shiftKey ? -1 : 1), this.at[1]]);
    } else if (key === "Tab") {
      if (this.commit() && !this.step(shiftKey ? -1 : 1)) return;
    } else if (step) {
      if (this.commit()) this.go([this.at[0] + step[0], this.at[1] + step[1]]);
    } else if (key === "F2") this.editor.replaces = false;
    else return;
    event.preventDefault();
  }

  /** Take what was typed; false, with the reason, where it can't be. */
  commit() {
    const text = this.input.value;
    const found = parse(text, this.model.tab.percent);
    const [row, column] = this.at;
    const { kind, months } = this.view.columns[column];
    let made = found.problem ? found : { cells: [[row, months[0], found.value]] };
    const same = !found.problem && kind !== "month" && found.value === this.model.together(row, months).value;
    if (!found.problem && kind !== "month") made = same ? { cells: [] } : this.model.spread(row, months, found.value);
    if (made.problem) return this.refuse(text, made, found.value);
    const cells = this.model.set(made.cells);
    this.close();
    this.apply(cells, "");
    return true;
  }

  refuse(text, { problem, sum }, total) {
    const { percent } = this.model.tab;
    const values = { text: text.slice(0, 40), sum: sum === undefined ? "" : typed(sum, percent), total: total ? typed(total, percent) : "" };
    const why = say(this.words[problem], values);
    this.input.setAttribute("aria-invalid", "true");
    this.view.reason(...this.at, why);
    this.view.say(why);
    return false;
  }

  close() {
    const { cell } = this.editor;
    this.closing = true;
    this.editor = null;
    this.input.remove();
    this.closing = false;
    cell.removeAttribute("data-editing");
    if (this.view.cell(...this.at) === cell) cell.focus({ preventScroll: true });
    this.view.reason(...this.at);
  }
}

/** Scroll a cell out from under the head, the foot and the names, which stay where they are. */
function reveal(cell) {
  const box = cell.closest(".tgrid-box");
  const [inside, outside] = [cell.getBoundingClientRect(), box.getBoundingClientRect()];
  const table = cell.closest("table");
  const left = outside.left + table.rows[0].cells[0].offsetWidth;
  const top = outside.top + table.tHead.offsetHeight;
  const bottom = outside.bottom - table.tFoot.offsetHeight;
  if (inside.left < left) box.scrollLeft -= left - inside.left + 4;
  else if (inside.right > outside.right) box.scrollLeft += inside.right - outside.right + 16;
  if (inside.top < top) box.scrollTop -= top - inside.top + 2;
  else if (inside.bottom > bottom) box.scrollTop += inside.bottom - bottom + 2;
  const view = cell.getBoundingClientRect();
  if (view.top < 0 || view.bottom > window.innerHeight) cell.scrollIntoView({ block: "nearest" });
}
