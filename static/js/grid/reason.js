// Why a cell is what it is: its probability and the sentence of the callout.
import { percentile, probability, shownPercent, verdict } from "../achievability.js";
import { fromFloat, shown, toFloat } from "./numbers.js";

const Z80 = 1.2815515655446004;
const RESTORED = {
  identity: (value) => value,
  sqrt: (value) => Math.max(value, 0) ** 2,
  log1p: (value) => Math.expm1(Math.max(value, 0)),
};

/** "{n} cells" with its placeholders filled. */
export const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

export const WHOLE = "whole";

/** The forecast of a person's month, or of the WHOLE period, as the achievability module reads it; null without one. */
export function outlookOf(tab, row, month) {
  const all = (month === WHOLE ? tab.wholes : tab.outlooks)[row];
  const own = all?.at.get(month === WHOLE ? 0 : month);
  if (!own) return null;
  const [preparedMu, preparedSigma, season, market, days, peers, rest] = own;
  // Of a running period the distribution is that of the rest, on top of what is reached so far.
  const [mu, sigma, transform, step, soFar] = rest ?? [preparedMu, preparedSigma, all.transform, all.step, 0];
  const back = RESTORED[transform] ?? RESTORED.identity;
  const floor = transform === "identity" ? (value) => value : (value) => Math.max(value, 0);
  return {
    ...all, mu, sigma, transform, step, soFar, season, market, days, peers, runs: Boolean(rest), point: soFar + back(mu),
    low: soFar + floor(back(mu - Z80 * sigma)), high: soFar + back(mu + Z80 * sigma),
  };
}

/** {percent, verdict} of a target; null where no probability is known. */
export function chanceOf(tab, row, month, value) {
  if (value === null) return null;
  const chance = probability(outlookOf(tab, row, month), toFloat(value), tab.direction);
  return chance === null ? null : { percent: shownPercent(chance), verdict: verdict(chance) };
}

/** How many decimals a recommendation has: whole units of sums, shares to a tenth of a percent, levels to a hundredth. */
export const decimalsShown = (tab) => (tab.percent ? 3 : tab.adds ? 0 : 2);

/** What is recommended for a person's month, exactly; null without a forecast. */
export function recommended(tab, row, month) {
  const outlook = outlookOf(tab, row, month);
  return outlook === null ? null : fromFloat(Math.max(outlook.point, 0), decimalsShown(tab));
}

/** The sentences about a value: its probability, what that follows from, and what is recommended. */
export function sentences(tab, row, month, value, words) {
  const outlook = outlookOf(tab, row, month);
  if (outlook === null) return words.noChance;
  const text = (number) => shown(fromFloat(number, decimalsShown(tab)), tab.percent);
  const found = [];
  const chance = chanceOf(tab, row, month, value);
  if (chance) found.push(say(words.chance, { percent: `${chance.percent}%`, word: words[chance.verdict] }));
  if (outlook.runs) found.push(words.soFar);
  const facts = [];
  if (outlook.basis === "peers") facts.push(words.ofPeers);
  if (outlook.best !== null) facts.push(say(month === WHOLE ? words.bestWhole : words.best, { n: outlook.months, best: text(outlook.best) }));
  const ago = month === WHOLE ? tab.lastWhole[row] : tab.lastYear[row][month];
  if (ago !== null) facts.push(say(words.lastYear, { value: shown(ago, tab.percent) }));
  if (outlook.peers !== null) facts.push(say(words.peers, { value: text(outlook.peers) }));
  const place = value === null ? null : percentile(outlook.history, toFloat(value));
  if (place !== null) facts.push(say(words.place, { percent: `${Math.round(place * 100)}%` }));
  facts.push(say(words.season, { value: outlook.season.toFixed(2) }));
  if (outlook.market !== 1) facts.push(say(words.market, { value: outlook.market.toFixed(2) }));
  found.push(`${facts.join(words.listSeparator)}${words.stop}`);
  found.push(say(words.recommended, { point: text(outlook.point), low: text(outlook.low), high: text(outlook.high) }));
  return found.join(words.between);
}
