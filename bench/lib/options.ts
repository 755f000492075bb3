/** Parsers of command-line values, each with an error that says what was expected. */

import { InvalidArgumentError } from 'commander';
import { reasonOf } from '../../src/base/errors.ts';

/** A whole number above zero; `1e6` and `1_000_000` are understood. */
export function parseCount(text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a whole number above zero.');
}

/** Any 32-bit whole number. */
export function parseSeed(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  throw new InvalidArgumentError('Expected a whole number.');
}

/** For options that take several counts. */
export function collectCounts(text: string, previous: number[] = []): number[] {
  return [...previous, parseCount(text)];
}

/** A parser of values separated by commas, each read by `parse`. */
export function listOf<T>(parse: (text: string) => T): (text: string) => T[] {
  return (text) =>
    text.split(',').map((part) => {
      try {
        return parse(part.trim());
      } catch (error) {
        throw new InvalidArgumentError(reasonOf(error));
      }
    });
}

/** One of a few words. */
export function oneOf<T extends string>(text: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === text);
  if (found !== undefined) return found;
  throw new Error(`expected some of ${allowed.join(', ')}, got "${text}"`);
}
