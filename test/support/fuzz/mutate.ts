/** Damages bytes the way files get damaged, and the way somebody would who means harm. Seeded. */
import type { Random } from '../../../src/base/random.ts';
import type { Bytes } from '../../../src/io/source.ts';

/** Figures that code trips over: nothing, all, signs, powers, 4 GiB. */
const FIGURES = [
  0, 1, 2, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe,
  0xffffffff,
];

const EDITS: readonly ((bytes: Bytes, random: Random) => Bytes)[] = [
  flipBit,
  setByte,
  setByte,
  editFigure,
  editFigure,
  nudgeFigure,
  editDigit,
  copyWithin,
  swap,
  truncate,
  extend,
];

/** A damaged copy; of a thousand, a few may by chance be equal to `bytes`. */
export function mutate(bytes: Uint8Array, random: Random): Bytes {
  let mutant = new Uint8Array(bytes);
  // Most damage is one edit: what many edits break, the first check refuses.
  const edits = random() < 0.6 ? 1 : 1 + Math.floor(random() * 5);
  for (let i = 0; i < edits && mutant.length > 0; i++)
    mutant = EDITS[below(EDITS.length, random)]!(mutant, random);
  return mutant;
}

function below(count: number, random: Random): number {
  return Math.floor(random() * count);
}

/** Heads and tables are at the start: half of all edits happen in the first 64 bytes or so. */
function place(length: number, random: Random): number {
  return random() < 0.5 ? below(length, random) : below(Math.min(length, 96), random);
}

function flipBit(bytes: Bytes, random: Random): Bytes {
  bytes[place(bytes.length, random)]! ^= 1 << below(8, random);
  return bytes;
}

function setByte(bytes: Bytes, random: Random): Bytes {
  bytes[place(bytes.length, random)] = below(256, random);
  return bytes;
}

/** Writes a figure of 16 or 32 bits where one may be. */
function editFigure(bytes: Bytes, random: Random): Bytes {
  if (bytes.length < 4) return bytes;
  const at = place(bytes.length - 3, random) & ~1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const figure = FIGURES[below(FIGURES.length, random)]!;
  if (random() < 0.6) view.setUint32(at, figure, true);
  else view.setUint16(at, figure & 0xffff, true);
  return bytes;
}

/** One more or one less: what an off-by-one lets through. */
function nudgeFigure(bytes: Bytes, random: Random): Bytes {
  if (bytes.length < 4) return bytes;
  const at = place(bytes.length - 3, random) & ~3;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const step = (1 + below(3, random)) * (random() < 0.5 ? 1 : -1);
  view.setUint32(at, view.getUint32(at, true) + step, true);
  return bytes;
}

/** Another digit for the next one after the place: JSON stays JSON, and says another number. */
function editDigit(bytes: Bytes, random: Random): Bytes {
  const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
  const start = below(bytes.length, random);
  const digit = bytes.subarray(start, start + 256).findIndex(isDigit);
  bytes[digit < 0 ? start : start + digit] = 0x30 + below(10, random);
  return bytes;
}

function copyWithin(bytes: Bytes, random: Random): Bytes {
  const from = below(bytes.length, random);
  return bytes.copyWithin(place(bytes.length, random), from, from + 1 + below(32, random));
}

function swap(bytes: Bytes, random: Random): Bytes {
  const [a, b] = [place(bytes.length, random), below(bytes.length, random)];
  [bytes[a], bytes[b]] = [bytes[b]!, bytes[a]!];
  return bytes;
}

function truncate(bytes: Bytes, random: Random): Bytes {
  return bytes.slice(0, below(bytes.length + 1, random));
}

function extend(bytes: Bytes, random: Random): Bytes {
  const longer = new Uint8Array(bytes.length + 1 + below(40, random));
  longer.set(bytes);
  longer.fill(below(256, random), bytes.length);
  return longer;
}
