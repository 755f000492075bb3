/** Summaries of measured series. */

/** The value below which `fraction` of the series lies, between neighbors by straight line. */
export function percentile(values: readonly number[], fraction: number): number {
  if (values.length === 0) throw new Error('bench: percentile of an empty series');
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * fraction;
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (place - low);
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new Error('bench: mean of an empty series');
  return sum(values) / values.length;
}

/** Rounds to `digits` significant digits, for reports. */
export function round(value: number, digits: number = 4): number {
  return Number(value.toPrecision(digits));
}
