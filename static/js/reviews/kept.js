// What could not be saved yet, in this browser: by form, gone as soon as it is saved. Where the browser keeps nothing
// (private windows of some), it lives as long as the page.

export class Kept {
  constructor(key) {
    this.key = key;
  }

  read() {
    try {
      const found = JSON.parse(localStorage.getItem(this.key) ?? "null");
      return { edition: found?.edition ?? 0, answers: new Map(Object.entries(found?.answers ?? {})) };
    } catch {
      return { edition: 0, answers: new Map() };
    }
  }

  write(edition, answers) {
    try {
      if (answers.size) localStorage.setItem(this.key, JSON.stringify({ edition, answers: Object.fromEntries(answers) }));
      else this.clear();
    } catch (error) {
      console.info("review: nothing can be kept in this browser:", error);
    }
  }

  clear() {
    try {
      localStorage.removeItem(this.key);
    } catch (error) {
      console.info("review:", error);
    }
  }
}
