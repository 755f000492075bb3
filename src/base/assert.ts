/**
 * Assertions for programmer errors. What the world does wrong (network, bytes, workers) is never
 * an assertion: it is a completion record with a code from `errors.ts`.
 */

/** Throws unless `condition` holds. The message says what was seen and what was expected. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`farfield: ${message}`);
}

/** Throws a clear error unless `value` is a finite number within [min, max]. */
export function assertNumber(
  name: string,
  value: unknown,
  min: number = Number.NEGATIVE_INFINITY,
  max: number = Number.POSITIVE_INFINITY,
): asserts value is number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max) return;
  const range =
    min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY
      ? 'a finite number'
      : `a number from ${min} to ${max}`;
  throw new Error(`farfield: ${name} must be ${range}, got ${describe(value)}`);
}

/** A short, safe rendering of any value for an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'function') return `function ${value.name}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength} bytes)`;
  if (typeof value === 'object' && value !== null) {
    try {
      return (JSON.stringify(value) ?? 'an object').slice(0, 80);
    } catch {
      return 'an object that cannot be printed';
    }
  }
  return String(value);
}
