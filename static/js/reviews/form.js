// The form of a review: every change is kept at once. What could not be saved stays in this browser, under the key of
// the form, until it is: a closed tab, no connection, an expired session lose nothing. Without scripts the form is
// sent as a whole by its buttons.
import { announce } from "../app.js";
import { watchTexts } from "./hints.js";
import { Kept } from "./kept.js";

const TYPING = 900; // ms after the last key of a text
const CHOOSING = 120; // ms after a choice: two quick ones go together
const AGAIN = 15000; // ms until it is tried again without a connection

/** What a field says now, as it is sent. */
function valueOf(form, name) {
  const found = form.elements.namedItem(name);
  if (found?.type === "radio") return found.checked ? found.value : "";
  return found?.value ?? "";
}

/** Put a value into a field. */
function fill(form, name, value) {
  const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  for (const input of inputs) {
    if (input.type === "radio") input.checked = input.value === value;
    else input.value = value;
  }
  return inputs.length > 0;
}

class Review {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.kept = new Kept(`review-${form.dataset.review}`);
    this.dirty = new Map();
    this.state = form.querySelector("[data-state]");
    this.problem = form.querySelector("[data-problem]");
    this.sending = null;
    form.addEventListener("input", (event) => this.changed(event, TYPING));
    form.addEventListener("change", (event) => this.changed(event, CHOOSING));
    form.addEventListener("click", (event) => this.clicked(event));
    form.addEventListener("submit", (event) => this.submitted(event));
    window.addEventListener("online", () => this.later(0));
    // Leaving: what is typed goes along; if the answer is lost, it is compared when the form is opened again.
    window.addEventListener("pagehide", () => { if (this.dirty.size && !this.stopped) this.post(true).catch(() => {}); });
    form.classList.add("is-live");
    this.clears();
    this.restore();
  }

  get edition() { return Number(this.form.elements.namedItem("edition").value); }
  set edition(value) { this.form.elements.namedItem("edition").value = String(value); }

  changed(event, wait) {
    const field = event.target;
    if (!field.matches("[data-answer]")) return;
    this.dirty.set(field.name, valueOf(this.form, field.name));
    this.keep();
    this.clears();
    if (this.stopped) return;
    this.say(this.words.textTyping, "waiting");
    this.later(field.matches("textarea") ? TYPING : wait);
  }

  clicked(event) {
    const button = event.target.closest("[data-clear]");
    if (!button) return;
    const box = button.closest("[data-question]");
    box.querySelectorAll("input[type=radio]").forEach((input) => { input.checked = false; });
    this.dirty.set(box.dataset.name, "");
    this.keep();
    this.clears();
    box.querySelector("input[type=radio]").focus();
    if (!this.stopped) this.later(CHOOSING);
  }

  /** An answer can be cleared where there is one. */
  clears() {
    this.form.querySelectorAll("[data-clear]").forEach((button) => {
      button.hidden = button.closest("[data-question]").querySelector("input:checked") === null;
    });
  }

  keep() { this.kept.write(this.edition, this.dirty); }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  /** Save what changed; one request at a time. Answers whether everything is saved. */
  async save() {
    clearTimeout(this.timer);
    if (this.sending) await this.sending;
    if (!this.dirty.size) return true;
    if (this.stopped) return false;
    this.say(this.words.textSaving);
    this.sending = this.send();
    try {
      await this.sending;
    } finally {
      this.sending = null;
    }
    return this.dirty.size === 0;
  }

  async send() {
    const sent = new Map(this.dirty);
    let response;
    try {
      response = await this.post();
    } catch (error) {
      console.info("review:", error);
      this.say(navigator.onLine ? this.words.textFailed : this.words.textOffline, "waiting");
      this.later(AGAIN);
      return;
    }
    const found = await this.read(response);
    if (found === null) this.unanswered(response);
    else if (response.ok) this.saved(sent, found);
    else if (found.code === "conflict") this.conflict(found);
    else this.refused(sent, found);
  }

  post(leaving = false) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.form.elements.namedItem("csrfmiddlewaretoken").value);
    body.set("edition", String(this.edition));
    for (const [name, value] of this.dirty) body.set(name, value);
    if (this.dirty.has("potential") || this.dirty.has("potential_note")) {
      for (const name of ["potential", "potential_note"]) body.set(name, valueOf(this.form, name));
    }
    return fetch(this.words.saveUrl, {
      method: "POST", body, keepalive: leaving, redirect: "manual", headers: { Accept: "application/json" },
    });
  }

  /** The answer, or null when it is none of ours: a redirect to the sign-in page, or a stale form. */
  async read(response) {
    if (!response.headers.get("Content-Type")?.includes("json")) return null;
    try {
      return await response.json();
    } catch {
      return null;
    }
  }

  saved(sent, found) {
    this.edition = found.edition;
    for (const [name, value] of sent) if (this.dirty.get(name) === value) this.dirty.delete(name);
    this.keep();
    this.progress(found);
    this.hide();
    if (this.dirty.size) this.later(CHOOSING);
    else this.say(this.words.textSaved, "saved");
  }

  progress({ answered, total }) {
    const bar = this.form.querySelector("[data-progress]");
    const text = this.form.querySelector("[data-progress-text]");
    bar.value = answered;
    text.textContent = text.dataset.pattern.replace("{done}", answered).replace("{total}", total);
  }

  /** No answer of ours: signed out (a redirect, or a token of an older session), not asked any more, or a failure. */
  unanswered(response) {
    this.say(this.words.textTyping, "waiting");
    if (response.status === 404) {
      this.stopped = true;
      this.show(this.words.textGone);
    } else if (response.type === "opaqueredirect" || response.status === 403) {
      // Opening the form anew leads over the sign-in page and back; then what is kept here is saved.
      this.stopped = true;
      const link = Object.assign(document.createElement("a"), { className: "btn", href: location.pathname, textContent: this.words.textSignIn });
      this.show(this.words.textExpired, [link]);
    } else {
      this.say(this.words.textFailed, "waiting");
      this.later(AGAIN);
    }
  }

  conflict(found) {
    this.stopped = true;
    this.say(this.words.textTyping, "waiting");
    this.show(this.words.textConflict, [
      this.button(this.words.textNewer, () => { this.kept.clear(); this.dirty.clear(); location.assign(location.pathname); }),
      this.button(this.words.textMine, () => {
        this.edition = found.edition;
        this.stopped = false;
        this.hide();
        this.save();
      }),
    ]);
  }

  /** Refused for good: said what and why; the text stays on the page. */
  refused(sent, found) {
    const names = new Set(Object.keys(found.errors ?? {}));
    if (found.code === "refused") {
      this.saved(new Map([...sent].filter(([name]) => !names.has(name))), found);
      clearTimeout(this.timer);
      this.say(this.words.textTyping, "waiting");
      this.show(Object.values(found.errors)[0]);
      return;
    }
    this.stopped = true;
    this.say(this.words.textTyping, "waiting");
    this.show(found.message);
  }

  /** Everything is saved before the form is sent: then there is nothing that another request could overtake. */
  async submitted(event) {
    if (!this.dirty.size && !this.sending) return;
    event.preventDefault();
    event.stopPropagation();
    const { submitter } = event;
    const done = await this.save();
    if (done || (await this.save())) {
      this.form.requestSubmit(submitter);
      return;
    }
    if (this.problem.hidden) announce(this.words.textFailed);
    else this.problem.scrollIntoView({ block: "nearest" });
  }

  /** What an earlier visit could not save: what is stored meanwhile is forgotten, the rest is filled in and saved. */
  restore() {
    const { edition, answers } = this.kept.read();
    for (const [name, value] of answers) {
      if (valueOf(this.form, name) === value || !fill(this.form, name, value)) continue;
      this.dirty.set(name, value);
    }
    this.clears();
    if (!this.dirty.size) {
      this.kept.clear();
      this.say(this.words.textSaved, "saved");
      return;
    }
    if (edition !== this.edition) {
      this.conflict({ edition: this.edition });
      return;
    }
    this.save().then((done) => { if (done) this.say(this.words.textRestored, "saved"); });
  }

  button(text, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: text });
    made.addEventListener("click", act);
    return made;
  }

  say(text, kind = "") {
    this.state.textContent = text;
    this.state.classList.toggle("is-saved", kind === "saved");
    this.state.classList.toggle("is-waiting", kind === "waiting");
  }

  show(text, actions = []) {
    const line = Object.assign(document.createElement("p"), { textContent: text });
    line.setAttribute("role", "alert");
    const row = Object.assign(document.createElement("div"), { className: "row-wrap" });
    row.append(...actions);
    this.problem.replaceChildren(line, row);
    this.problem.hidden = false;
  }

  hide() {
    this.problem.hidden = true;
    this.problem.replaceChildren();
  }
}

// Beside the form on a wide screen evidence stands open, above it on a phone it is opened when it is wanted.
const evidence = document.querySelector("[data-evidence]");
if (evidence && matchMedia("(min-width: 1200px)").matches) evidence.open = true;

const form = document.querySelector("form[data-review]");
if (form) {
  new Review(form);
  watchTexts(form);
}
// Once the review is closed nothing can be saved any more: nothing stays behind in this browser.
const closed = document.querySelector("form[data-closed]");
if (closed) new Kept(`review-${closed.dataset.closed}`).clear();
// A page that was answered with a conflict: the newer version is loaded without what this browser kept.
document.querySelectorAll("[data-load-newer]").forEach((link) => {
  link.addEventListener("click", () => { if (form) new Kept(`review-${form.dataset.review}`).clear(); });
});
