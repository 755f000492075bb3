/** Payload kinds of a game's own, through real workers: what a decoder does right and wrong. */
import { afterEach, describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/crc32.ts';
import { ErrorCode } from '../../src/base/errors.ts';
import { encodeBlocks } from '../../src/io/bundle/write-payload.ts';
import type { CustomContent } from '../../src/io/content.ts';
import { type CustomKinds, checkKinds } from '../../src/io/custom-kinds.ts';
import type { DecodeJob, Decoder } from '../../src/io/decoder.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { createWorkerPool } from '../../src/io/worker/pool.ts';
import { encodeMesh, makeGrid } from '../support/encode-mesh.ts';
import { bundledWorkerUrl as workerUrl } from '../support/worker-url.ts';

const WAVE = new URL('../support/decoders/wave.js', import.meta.url);
const samples = Int16Array.from({ length: 40_000 }, (_, i) => (i * 7919) % 30_000);
const file = new Uint8Array(samples.buffer);

function job(
  kind: number,
  content: Uint8Array = file,
  changes: Partial<DecodeJob> = {},
): DecodeJob {
  const bytes = encodeBlocks(content);
  return {
    payload: 7,
    kind,
    bytes,
    checksum: crc32(bytes),
    decodedBytes: content.length,
    priority: 0,
    label: 'wind',
    ...changes,
  };
}

/** A module in its own address. */
function moduleOf(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

const FAULTS: Record<string, { decoder: string | URL; message: RegExp }> = {
  missing: {
    decoder: new URL('../support/decoders/none.js', import.meta.url),
    message: /wind: its decoder file:.*none\.js does not load: /,
  },
  damaged: { decoder: moduleOf('export default {{'), message: /does not load: / },
  mute: {
    decoder: moduleOf('export const decode = 1'),
    message: /exports undefined as default, expected a function/,
  },
  throwing: {
    decoder: moduleOf('export default () => { throw new Error("bad chunk") }'),
    message: /failed: bad chunk/,
  },
  rejecting: {
    decoder: moduleOf('export default async () => { throw 404 }'),
    message: /failed: 404/,
  },
  wordless: {
    decoder: moduleOf('export default (bytes) => bytes.length'),
    message: /answered 80000, expected \{ value, transfer\? \}/,
  },
  generous: {
    decoder: moduleOf('export default () => ({ value: 1, transfer: "all" })'),
    message: /wants to transfer "all", expected a list/,
  },
};

let decoder: Decoder | undefined;
afterEach(() => decoder?.dispose());

function pool(kinds: CustomKinds, jobTimeoutMs?: number): Decoder {
  decoder = createWorkerPool({
    workerUrl,
    workerCount: 1,
    kinds,
    ...(jobTimeoutMs && { jobTimeoutMs }),
  });
  return decoder;
}

describe.each([
  ['in a worker', pool],
  ['in place', (kinds: CustomKinds) => createInlineDecoder({ kinds })],
] as const)('a kind of the game, decoded %s', (_, make) => {
  it("arrives as what the game's module made of the bytes", async () => {
    const made = make({ audio: { id: 16, decoder: WAVE } });
    for (let i = 0; i < 3; i++) {
      const result = await made.decode(job(16));
      expect([result.code, result.message]).toEqual([ErrorCode.None, '']);
      const { kind, value } = result.content as CustomContent;
      expect(kind).toBe(16);
      const expected = Float32Array.from(samples, (sample) => sample / 32768);
      expect(value).toEqual({ samples: expected, rate: 8000 });
    }
  });

  it('arrives as bytes where there is no decoder', async () => {
    const made = make({ script: { id: 17, decode: () => 1 } });
    const result = await made.decode(job(17));
    const { value } = result.content as { value: Uint8Array };
    expect(value).toEqual(file);
    expect(value.byteLength).toBe(value.buffer.byteLength);
  });

  it.each(Object.keys(FAULTS))('fails alone when its module is %s', async (fault) => {
    const { decoder: address, message } = FAULTS[fault]!;
    const made = make({ audio: { id: 16, decoder: WAVE }, bad: { id: 18, decoder: address } });
    const [bad, good] = await Promise.all([
      made.decode(job(18)),
      made.decode(job(16, file, { payload: 8 })),
    ]);
    expect(bad.code).toBe(ErrorCode.Decode);
    expect(bad.message).toMatch(message);
    expect(bad.content).toBeNull();
    expect(good.code).toBe(ErrorCode.None);
  });

  it('never reaches its decoder when the bytes are not those that were cooked', async () => {
    const made = make({ audio: { id: 16, decoder: WAVE } });
    const flipped = job(16);
    flipped.bytes[flipped.bytes.length - 1]! ^= 1;
    expect((await made.decode(flipped)).code).toBe(ErrorCode.Checksum);
    const longer = await made.decode(job(16, file, { decodedBytes: file.length - 1 }));
    expect(longer.code).toBe(ErrorCode.Decode);
    expect(longer.message).toBe('wind: it holds 80000 bytes, expected at most 79999');
  });
});

describe('a worker', () => {
  it('lives on when a value cannot be sent, and loses nothing else of the batch', async () => {
    const made = pool({
      bad: { id: 18, decoder: moduleOf('export default () => ({ value: () => 1 })') },
      twice: {
        id: 19,
        decoder: moduleOf('export default (b) => ({ value: b, transfer: [b.buffer, b.buffer] })'),
      },
    });
    const mesh = await encodeMesh(makeGrid(8), { codec: 'raw' });
    const { bytes, checksum, decodedBytes } = mesh;
    const [bad, twice, good] = await Promise.all([
      made.decode(job(18)),
      made.decode(job(19, file, { payload: 8 })),
      made.decode({ ...job(1), payload: 9, bytes, checksum, decodedBytes }),
    ]);
    expect(bad.code).toBe(ErrorCode.Decode);
    expect(bad.message).toMatch(/^wind: its value cannot leave the worker: /);
    expect([twice.code, good.code]).toEqual([ErrorCode.None, ErrorCode.None]);
    expect(made.stats?.crashes).toBe(0);
  });

  it.each([
    ['for ever', 'export default () => { for (;;); }'],
    ['without an answer', 'export default () => new Promise(() => {})'],
  ])(
    'that a decoder keeps busy %s is replaced, and the payload fails alone',
    async (_, source) => {
      const made = pool(
        { bad: { id: 18, decoder: moduleOf(source) }, wave: { id: 16, decoder: WAVE } },
        1500,
      );
      const [bad, good] = await Promise.all([
        made.decode(job(18)),
        made.decode(job(16, file, { payload: 8 })),
      ]);
      expect(bad.code).toBe(ErrorCode.WorkerCrash);
      expect(bad.message).toMatch(/wind: its decode worker died twice/);
      expect(good.code).toBe(ErrorCode.None);
    },
    60_000,
  );
});

describe('checkKinds', () => {
  it.each([
    [{ a: { id: 15 } }, /kinds\.a\.id is 15, expected an integer from 16 to 255/],
    [{ a: { id: 256 } }, /kinds\.a\.id is 256/],
    [{ a: { id: 16.5 } }, /kinds\.a\.id is 16\.5/],
    [{ a: { id: 20 }, b: { id: 20 } }, /kinds\.b\.id is 20, which is the id of kinds\.a too/],
    [{ a: { id: 20, decoder: WAVE, decode: () => 1 } }, /kinds\.a has both decoder and decode/],
    [{ a: { id: 20, decoder: 'decoder.js' } }, /kinds\.a\.decoder is "decoder\.js", expected the/],
    [{ a: { id: 20, release: 3 as never } }, /kinds\.a\.release is 3, expected a function/],
  ] as [CustomKinds, RegExp][])('refuses %o', (kinds, message) => {
    expect(() => checkKinds(kinds)).toThrow(message);
  });

  it('takes what is right', () => {
    const kinds = checkKinds({ audio: { id: 16, decoder: WAVE }, script: { id: 255 } });
    expect(kinds.get(16)).toMatchObject({ name: 'audio', decoder: WAVE.href });
    expect(kinds.get(255)).toMatchObject({ name: 'script', decoder: null });
  });
});
