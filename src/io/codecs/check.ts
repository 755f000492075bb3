/**
 * Small checks for data that came out of a file. Every one throws `StreamError(Decode)` naming the
 * place in the file, what was seen and what was expected.
 */
import { describe } from '../../base/assert.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';

/** A JSON object whose fields are not yet checked. */
export type Fields = Record<string, unknown>;

/** The error of damaged mesh content. */
export function damaged(what: string): StreamError {
  return new StreamError(ErrorCode.Decode, `damaged mesh: ${what}`);
}

function wrong(where: string, seen: unknown, expected: string): StreamError {
  return damaged(`${where} is ${describe(seen)}, expected ${expected}`);
}

export function checkFields(where: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(where, value, 'an object');
}

export function checkList(where: string, value: unknown, maxLength: number): unknown[] {
  if (!Array.isArray(value)) throw wrong(where, value, 'a list');
  if (value.length <= maxLength) return value;
  throw damaged(`${where} has ${value.length} entries, expected at most ${maxLength}`);
}

export function checkInteger(where: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
    return value as number;
  throw wrong(where, value, `an integer from ${min} to ${max}`);
}

export function checkFinite(where: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(where, value, 'a finite number');
}

export function checkNumbers(where: string, value: unknown, length: number): number[] {
  const list = checkList(where, value, length);
  if (list.length !== length) throw wrong(where, value, `${length} numbers`);
  return list.map((entry, i) => checkFinite(`${where}[${i}]`, entry));
}

export function checkBoolean(where: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw wrong(where, value, 'true or false');
}

export function checkText(where: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw wrong(where, value, 'a text');
}

export function checkOneOf<T extends string | number>(
  where: string,
  value: unknown,
  choices: readonly T[],
): T {
  if (choices.includes(value as T)) return value as T;
  throw wrong(where, value, `one of ${choices.join(', ')}`);
}
