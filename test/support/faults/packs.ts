/** Payloads for reads of three shapes: small ones far apart, neighbors that merge, large ones. */
import { crc32 } from '../../../src/base/crc32.ts';
import { createRandom, type Random } from '../../../src/base/random.ts';
import type { MeshContent } from '../../../src/io/content.ts';
import type { IoOptions } from '../../../src/io/engine-options.ts';
import type { Bytes } from '../../../src/io/source.ts';
import type { Ticket } from '../../../src/io/ticket.ts';
import { encodeBlocks } from '../encode-mesh.ts';

export const SHAPES = ['small', 'merged', 'large'] as const;
export type Shape = (typeof SHAPES)[number];

/** What makes the shapes what they are. */
export const SHAPE_OPTIONS: IoOptions = { mergeGapBytes: 4096, mergeMaxBytes: 64 * 1024 };

export interface TestPayload {
  readonly content: Uint8Array;
  readonly shape: Shape;
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly checksum: number;
}

export interface Packs {
  readonly files: Record<string, Bytes>;
  /** Index = `Ticket.payload`. */
  readonly payloads: readonly TestPayload[];
}

/** @param largeBytes size of the large ones, more than a merged read takes */
export function makePacks(seed: number, largeBytes: number = 96 * 1024): Packs {
  const random = createRandom(seed);
  const files: Record<string, Bytes> = {};
  const payloads: TestPayload[] = [];
  const fill = (
    shape: Shape,
    count: number,
    sizeOf: () => number,
    gapOf: (i: number) => number,
  ) => {
    const file = `${shape}.ffp`;
    const packed: [number, Bytes][] = [];
    let at = 100;
    for (let i = 0; i < count; i++) {
      const content = noise(random, sizeOf());
      const bytes = encodeBlocks(content);
      const end = at + bytes.length;
      payloads.push({ content, shape, file, start: at, end, checksum: crc32(bytes) });
      packed.push([at, bytes]);
      at = end + gapOf(i);
    }
    files[file] = new Uint8Array(at + 1000);
    for (const [start, bytes] of packed) files[file].set(bytes, start);
  };
  fill(
    'small',
    24,
    () => 300 + random() * 2000,
    () => 8000,
  );
  fill(
    'merged',
    24,
    () => 500 + random() * 4000,
    (i) => (i % 6 === 5 ? 8000 : (i % 3) * 100),
  );
  fill(
    'large',
    8,
    () => largeBytes * (1 + random() / 4),
    () => 8000,
  );
  return { files, payloads };
}

export function ticketOf(packs: Packs, payload: number, changes: Partial<Ticket> = {}): Ticket {
  const { content, shape, ...range } = packs.payloads[payload]!;
  return {
    payload,
    epoch: 1,
    kind: 1,
    source: 0,
    decodedBytes: content.length * 2 + 4096,
    priority: payload,
    critical: false,
    label: `payload ${payload}`,
    ...range,
    ...changes,
  };
}

/** Content that carries its bytes, so that they can be compared. */
export function contentOf(bytes: Bytes): MeshContent {
  const image = {
    width: 1,
    height: 1,
    colorSpace: 'linear',
    bitmap: null,
    compressed: null,
  } as const;
  const encoded = { mimeType: 'test', bytes: bytes.slice() };
  return {
    scale: 1,
    offset: [0, 0, 0],
    primitives: [],
    materials: [],
    images: [{ ...image, encoded }],
  };
}

function noise(random: Random, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor(size));
  for (let i = 0; i < bytes.length; i++) bytes[i] = random() * 256;
  return bytes;
}
