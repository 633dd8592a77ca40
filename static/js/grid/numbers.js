// Numbers of cells: exact, as BigInt in units of 0.0001. Reads what people type and paste, writes what cells show.

export const DECIMALS = 4;
const SCALE = 10n ** BigInt(DECIMALS);
const LARGEST = 10n ** 15n * SCALE;
const MULTIPLES = { 千: 3, 万: 4, 萬: 4, 亿: 8, 億: 8, k: 3, K: 3, m: 6, M: 6 };

/** A plain number ("1234.5", as the server writes it) as BigInt; null for null. */
export function exact(text) {
  if (text === null || text === undefined || text === "") return null;
  const negative = text.startsWith("-");
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole || "0") * SCALE + BigInt(fraction.padEnd(DECIMALS, "0").slice(0, DECIMALS));
  return negative ? -size : size;
}

/** The plain number of a BigInt, without needless zeros; null for null. */
export function plain(value) {
  if (value === null) return null;
  const size = value < 0n ? -value : value;
  const fraction = String(size % SCALE).padStart(DECIMALS, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${size / SCALE}${fraction ? `.${fraction}` : ""}`;
}

/** What a cell shows: grouped by thousands, of shares the percentage; "" for null. */
export function shown(value, percent) {
  if (value === null) return "";
  const text = plain(percent ? value * 100n : value);
  const [whole, fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${grouped}${fraction ? `.${fraction}` : ""}${percent ? "%" : ""}`;
}

/** For the editor and for Excel: no grouping. */
export function typed(value, percent) {
  return value === null ? "" : `${plain(percent ? value * 100n : value)}${percent ? "%" : ""}`;
}

/** The number of decimals that a value has. */
export function decimalsOf(value) {
  const text = plain(value);
  return text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
}

/** Round half away from zero to a number of decimals. */
export function rounded(value, places) {
  const unit = 10n ** BigInt(DECIMALS - places);
  const size = value < 0n ? -value : value;
  const whole = ((2n * size + unit) / (2n * unit)) * unit;
  return value < 0n ? -whole : whole;
}

/** A float of the forecast as an exact value; forecasts are no money. */
export const fromFloat = (value, places) => exact(value.toFixed(places));

/** The float that forecasts are asked with. */
export const toFloat = (value) => Number(value) / Number(SCALE);

/**
 * What somebody typed or pasted: {value} (null for empty), or {problem} with a key of the words.
 * Thousands and decimal marks are told apart where that is safe; "1,5" and "1.234.5" are refused, not guessed.
 */
export function parse(raw, percent = false) {
  let text = raw.normalize("NFKC").replace(/[\s\u00a0\u2009\u202f'’_]/g, "").replace(/^(CNY|RMB|CN¥|US\$|EUR|USD|[¥$€£元])/i, "");
  text = text.replace(/元$/, "").replace(/^\+/, "").replace(/[−–—]/g, "-");
  if (text === "" || text === "-") return { value: null };
  const negative = /^\(.*\)$/.test(text) || text.startsWith("-");
  text = text.replace(/[()-]/g, "");
  let shift = 0;
  const share = text.endsWith("%");
  if (share) text = text.slice(0, -1);
  const multiple = MULTIPLES[text.at(-1)];
  if (multiple !== undefined) {
    shift = multiple;
    text = text.slice(0, -1);
  }
  const marks = read(text);
  if (marks.problem) return marks;
  if (share && !percent) return { problem: "noNumber" };
  const size = scaled(marks.whole, marks.fraction, shift - (percent ? 2 : 0));
  if (size === null) return { problem: "ambiguous" };
  if (negative && size > 0n) return { problem: "negative" };
  return size >= LARGEST ? { problem: "tooLarge" } : { value: size };
}

const GROUPED = { ",": /^\d{1,3}(,\d{3})+$/, ".": /^\d{1,3}(\.\d{3})+$/ };

/** Digits before and behind the decimal mark, whichever of "," and "." that is. */
function read(text) {
  if (!/^[\d.,]+$/.test(text) || !/\d/.test(text)) return { problem: "noNumber" };
  const comma = text.lastIndexOf(",");
  const point = text.lastIndexOf(".");
  if (comma >= 0 && point >= 0) {
    const [mark, group] = point > comma ? [".", ","] : [",", "."];
    const [whole, fraction, more] = text.split(mark);
    if (more !== undefined || fraction.includes(group)) return { problem: "ambiguous" };
    return GROUPED[group].test(whole) ? { whole: whole.replaceAll(group, ""), fraction } : { problem: "ambiguous" };
  }
  if (comma >= 0) return GROUPED[","].test(text) ? { whole: text.replaceAll(",", ""), fraction: "" } : { problem: "ambiguous" };
  const [whole, fraction = "", more] = text.split(".");
  if (more === undefined) return { whole, fraction };
  return GROUPED["."].test(text) ? { whole: text.replaceAll(".", ""), fraction: "" } : { problem: "ambiguous" };
}

/** Digits times ten to a power, to four decimals; more of them than are kept are rounded half away from zero. */
function scaled(whole, fraction, shift) {
  const digits = BigInt((whole || "0") + fraction || "0");
  const power = DECIMALS + shift - fraction.length;
  if (power >= 0) return power > 60 ? null : digits * 10n ** BigInt(power);
  const unit = 10n ** BigInt(-power);
  return (2n * digits + unit) / (2n * unit);
}
