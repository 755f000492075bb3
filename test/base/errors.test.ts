/** Codes travel between threads and into reports: their numbers and names are fixed. */
import { expect, test } from 'vitest';
import { ErrorCode, errorName, StreamError } from '../../src/base/errors.ts';

test('every code has its own number and gives back its name', () => {
  const entries = Object.entries(ErrorCode);
  expect(new Set(entries.map(([, code]) => code)).size).toBe(entries.length);
  for (const [name, code] of entries) expect(errorName(code)).toBe(name);
  expect(errorName(999)).toBe('unknown error 999');
});

test('the numbers are what they have always been', () => {
  expect([ErrorCode.None, ErrorCode.Network, ErrorCode.Checksum, ErrorCode.Cancelled]).toEqual([
    0, 1, 6, 9,
  ]);
});

test('a stream error carries its code and how long the server asked to wait', () => {
  const error = new StreamError(ErrorCode.Server, 'a.pack: 503', 2000);
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.code, error.message, error.retryAfterMs]).toEqual([
    'StreamError',
    ErrorCode.Server,
    'a.pack: 503',
    2000,
  ]);
  expect(new StreamError(ErrorCode.Network, 'gone').retryAfterMs).toBe(0);
});
