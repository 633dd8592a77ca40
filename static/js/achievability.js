// How likely a target is: perfmgmt/metrics/forecast/rules.py in the browser (RULES.md section 16); a test compares them.
// An outlook is {point, mu, sigma, transform, step, soFar}: the figure is normal with mu and sigma after the transform, on top
// of what is there already (soFar, 0 without).

/** 1 - erf(x), to 15 digits: a series near 0, a continued fraction further out. */
export function erfc(x) {
  if (x < 0) return 2 - erfc(-x);
  if (x > 27) return 0;
  if (x < 2) {
    let term = x, sum = x;
    for (let n = 1; n < 100 && Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let below = 0;
  for (let n = 120; n >= 1; n -= 1) below = n / 2 / (x + below);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + below);
}

function transformed(value, transform) {
  if (transform === "sqrt") return Math.sqrt(Math.max(value, 0));
  return transform === "log1p" ? Math.log1p(Math.max(value, 0)) : value;
}

/** P(figure <= value) with sign 1, P(figure >= value) with sign -1; whole things count by half a step beyond. */
function chanceOf(outlook, value, sign) {
  const edge = value - (outlook.soFar ?? 0) + (sign * (outlook.step ?? 0)) / 2;
  if (outlook.transform !== "identity" && (sign > 0 ? edge < 0 : edge <= 0)) return sign > 0 ? 0 : 1;
  const away = sign * (transformed(edge, outlook.transform) - outlook.mu);
  if (outlook.sigma <= 0) return away >= 0 ? 1 : 0;
  return 0.5 * erfc(-away / outlook.sigma / Math.SQRT2);
}

/** The probability (0 to 1) of reaching a target; null without a target or a forecast, and for bands. */
export function probability(outlook, target, direction) {
  const known = outlook && outlook.point !== null && outlook.point !== undefined;
  if (!known || target === null || target === undefined || target === "" || Number.isNaN(Number(target))) return null;
  if (direction !== "higher" && direction !== "lower") return null;
  return chanceOf(outlook, Number(target), direction === "higher" ? -1 : 1);
}

/** The band of a probability: "too high", "stretch", "fair", "safe" or "too low"; null for null. */
export function verdict(chance) {
  if (chance === null || chance === undefined) return null;
  if (chance < 0.1) return "too high";
  if (chance < 0.35) return "stretch";
  if (chance < 0.8) return "fair";
  return chance <= 0.95 ? "safe" : "too low";
}

/** A probability as the percentage shown: whole, or with as many decimals as keep its verdict. */
export function shownPercent(chance) {
  const meant = verdict(chance);
  for (const scale of [100, 1000, 10000, 100000]) {
    const rounded = Math.floor(chance * scale + 0.5);
    if (verdict(rounded / scale) === meant) return (rounded * 100) / scale;
  }
  return chance * 100;
}

/** Where a target stands in past figures, 0 to 1: the share below it, ties by half; null without either. */
export function percentile(history, target) {
  if (!history?.length || target === null || target === undefined) return null;
  const count = history.reduce((sum, value) => sum + (value < target ? 1 : value === target ? 0.5 : 0), 0);
  return count / history.length;
}
