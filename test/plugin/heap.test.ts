/**
 * A steady frame allocates nothing for what it works on: garbage is what makes a game stutter. A
 * handful of numbers that calls between functions put into objects is the tolerance. Measured in a
 * process of its own on the built plugin: a test runner's own code is on the heap, and slows ours.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

/** For each frame: with an object a scored cell it would be some ten thousand. */
const TOLERANCE_BYTES = 512;

const PROBE = fileURLToPath(new URL('../../dist/test/support/heap-probe.js', import.meta.url));

let bytes: Record<string, number>;

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', PROBE]);
  bytes = JSON.parse(stdout) as Record<string, number>;
}, 300_000);

test.each(['moving', 'still'])('a frame of a %s camera allocates next to nothing', (camera) => {
  expect(bytes[camera]).toBeLessThanOrEqual(TOLERANCE_BYTES);
});

test.each(['wastefulSystem', 'wastefulScorer'])('a %s is found out', (control) => {
  expect(bytes[control]).toBeGreaterThan(TOLERANCE_BYTES);
});
