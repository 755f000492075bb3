/**
 * Bytes that ranges are filled with and known again by: stretches of one block of noise, begun at
 * a place of their own.
 */
import { createRandom } from '../../../src/base/random.ts';
import { PAYLOAD_SIZES } from '../arena-trace.ts';

const PLACES = 4096;
const STEP_BYTES = 16;

const noise = new Uint8Array(PAYLOAD_SIZES.maxBytes + PLACES * STEP_BYTES);
{
  const words = new Uint32Array(noise.buffer);
  const random = createRandom(7);
  for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
}

/** What the range of this number is filled with. */
export function contentOf(number: number, bytes: number): Uint8Array {
  const start = (number % PLACES) * STEP_BYTES;
  return noise.subarray(start, start + bytes);
}

/** Whether a range still holds what it was filled with. */
export function isIntact(range: Uint8Array, number: number): boolean {
  return Buffer.compare(range, contentOf(number, range.length)) === 0;
}
