// Splitting a total by weights: goals/rules.split in the browser (RULES.md section 10), exact with BigInt.

/** A total in whole units split by integer weights: the left-over units go to the largest remainders, ties to the earlier. */
export function split(total, weights) {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (whole <= 0n || weights.some((weight) => weight < 0n)) throw new RangeError("weights");
  const negative = total < 0n;
  const size = negative ? -total : total;
  const parts = weights.map((weight) => (size * weight) / whole);
  let left = size - parts.reduce((sum, part) => sum + part, 0n);
  const order = weights.map((weight, index) => [(size * weight) % whole, index]);
  order.sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] > b[0] ? -1 : 1));
  for (const [, index] of order) {
    if (left <= 0n) break;
    parts[index] += 1n;
    left -= 1n;
  }
  return negative ? parts.map((part) => -part) : parts;
}
