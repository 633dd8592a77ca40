// The list of changes, saving them at once, and what somebody else changed meanwhile.
import { announce } from "../app.js";
import { exact, plain, shown } from "./numbers.js";
import { say } from "./reason.js";

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

export class Saving {
  constructor(model, view, keys) {
    Object.assign(this, { model, view, keys, words: view.words, busy: false, conflicts: [] });
    this.dialog = document.querySelector("dialog[data-save]");
    this.form = this.dialog.querySelector("form");
    this.problem = this.dialog.querySelector("[data-save-problem]");
    document.querySelector("[data-open-save]").addEventListener("click", () => this.open());
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => view.cell(...keys.at).focus());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    window.addEventListener("beforeunload", (event) => { if (model.dirtyCount) event.preventDefault(); });
  }

  open() {
    if (!this.model.dirtyCount) return;
    this.problem.hidden = true;
    this.show([], new Map());
    this.dialog.showModal();
    this.dialog.querySelector("[data-save-now]").focus();
  }

  /** List the changes; `refused` says by place why some can't be saved. */
  show(conflicts, refused) {
    this.conflicts = conflicts;
    const box = this.dialog.querySelector("[data-conflicts]");
    box.hidden = conflicts.length === 0;
    box.querySelector("ul").replaceChildren(...conflicts.map((each, place) => this.choice(each, place)));
    const lines = this.model.changes().map((change) => this.line(change, refused.get(this.key(change))));
    this.dialog.querySelector("[data-changes]").replaceChildren(...lines);
  }

  key({ tab, row, month }) {
    return `${tab.id}:${this.model.data.people[row][0]}:${this.model.data.months[month]}`;
  }

  line({ tab, row, month, before, after }, problem) {
    const line = document.createElement("tr");
    const name = element("th", this.model.data.people[row][1]);
    name.scope = "row";
    const cells = [tab.name, this.model.data.monthNames[month]].map((text) => element("td", text));
    const values = [before, after].map((value) => element("td", shown(value, tab.percent) || this.words.empty, "num"));
    line.append(name, ...cells, ...values);
    if (problem) {
      line.classList.add("is-refused");
      values[1].append(element("small", problem, "field-error"));
    }
    return line;
  }

  /** One cell that somebody else changed: theirs or mine. */
  choice({ tab, row, month, theirs, by }, place) {
    const line = document.createElement("fieldset");
    const where = say(this.words.here, { name: this.model.data.people[row][1], month: this.model.data.monthNames[month] });
    const text = say(theirs === null ? this.words.removed : this.words.changed, {
      name: by || this.words.somebody, value: shown(theirs, tab.percent),
    });
    line.append(element("legend", `${tab.name} · ${where}: ${text}`));
    for (const [which, value] of [["theirs", theirs], ["mine", tab.now[row][month]]]) {
      const label = document.createElement("label");
      const radio = Object.assign(document.createElement("input"), { type: "radio", name: `conflict-${place}`, value: which });
      radio.checked = which === "theirs";
      label.append(radio, ` ${say(this.words[which], { value: shown(value, tab.percent) || this.words.empty })}`);
      line.append(label);
    }
    const item = document.createElement("li");
    item.append(line);
    return item;
  }

  /** Do with each conflict what was chosen. */
  settle() {
    const back = this.model.at;
    this.conflicts.forEach(({ tab, row, month, theirs }, place) => {
      const take = this.form.elements[`conflict-${place}`].value === "theirs";
      this.model.theirs(tab, row, month, theirs, take);
    });
    this.model.at = back;
    if (this.conflicts.length) this.view.all();
    this.conflicts = [];
  }

  async send() {
    if (this.busy) return;
    this.busy = true;
    this.form.setAttribute("aria-busy", "true");
    try {
      this.settle();
      const changes = this.model.changes();
      if (!changes.length) {
        this.dialog.close();
        return;
      }
      await this.answer(await this.post(changes), changes);
    } catch (error) {
      console.info("grid:", error);
      this.complain(this.words.failed);
    } finally {
      this.busy = false;
      this.form.removeAttribute("aria-busy");
    }
  }

  post(changes) {
    const { people, months, saveUrl } = this.model.data;
    const body = new FormData(this.form);
    const rows = changes.map(({ tab, row, month, before, after }) => [tab.id, people[row][0], months[month], plain(before), plain(after)]);
    body.set("changes", JSON.stringify(rows));
    return fetch(saveUrl, { method: "POST", body, headers: { Accept: "application/json" } });
  }

  async answer(response, changes) {
    if (response.redirected || !response.headers.get("Content-Type")?.includes("json")) {
      this.complain(this.words.failed);
      return;
    }
    const found = await response.json();
    if (response.ok) this.done(changes);
    else {
      // What others changed is chosen below, cell by cell: there is nothing to reload.
      if (found.theirs?.length) this.problem.hidden = true;
      else this.complain(found.message ?? this.words.failed);
      this.show((found.theirs ?? []).map((each) => this.conflict(each)), this.reasons(found.refused ?? []));
    }
  }

  conflict([metric, person, month, theirs, by]) {
    const tab = this.model.tabs.find((it) => it.id === metric);
    const row = this.model.data.people.findIndex(([id]) => id === person);
    return { tab, row, month: this.model.data.months.indexOf(month), theirs: exact(theirs), by };
  }

  reasons(refused) {
    return new Map(refused.map(([metric, person, month, why]) => [`${metric}:${person}:${month}`, why]));
  }

  done(changes) {
    this.model.saved(changes);
    this.view.all();
    this.dialog.close();
    this.form.reset();
    announce(say(this.words.saved, { n: changes.length }), "success");
  }

  complain(text) {
    this.problem.textContent = text;
    this.problem.hidden = false;
  }
}
