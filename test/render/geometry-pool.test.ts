/** The shared buffers on a GL of plain arrays: every byte of every payload, after every move. */
import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../src/base/random.ts';
import { RangeArena } from '../../src/memory/arena/range-arena.ts';
import { createGeometry } from '../../src/render/geometry.ts';
import { GeometryLease, LeaseWriter } from '../../src/render/geometry-lease.ts';
import { GeometryPool } from '../../src/render/geometry-pool.ts';
import { RoomQueue } from '../../src/render/room-queue.ts';
import type { SharedGeometry } from '../../src/render/shared-geometry.ts';
import { createFakeGl, type FakeGl } from '../support/fake-gl.ts';

const OPTIONS = {
  geometryBytes: 256 * 1024,
  indexShare: 3 / 8,
  stagingBytes: 24 * 1024,
  movedBytesPerFrame: 16 * 1024,
};

function createLease(
  random: Random,
  vertices: number,
): { lease: GeometryLease; geometries: SharedGeometry[] } {
  const bytes = (length: number): Int16Array<ArrayBuffer> =>
    Int16Array.from({ length }, () => random() * 65536 - 32768);
  const geometries = [vertices, 1 + (vertices >> 2)].map((count) => {
    const primitive = {
      material: 0,
      attributes: [
        { name: 'position' as const, array: bytes(count * 3), itemSize: 3, normalized: true },
        {
          name: 'uv' as const,
          array: new Uint16Array(bytes(count * 2).buffer),
          itemSize: 2,
          normalized: true,
        },
      ],
      index: new Uint16Array(bytes(count * 3).buffer),
      sphere: [0, 0, 0, 1] as [number, number, number, number],
    };
    const content = {
      scale: 1,
      offset: [0, 0, 0] as [number, number, number],
      primitives: [primitive],
      materials: [],
      images: [],
    };
    return createGeometry(primitive, content, true) as SharedGeometry;
  });
  return { lease: new GeometryLease(geometries), geometries };
}

/** Arrays whose bytes are not where the geometry says. */
function misplaced(fake: FakeGl, geometries: readonly SharedGeometry[]): number {
  let wrong = 0;
  const check = (buffer: WebGLBuffer, at: number, array: ArrayBufferView): void => {
    const held = fake.bytesOf(buffer).subarray(at, at + array.byteLength);
    const { byteOffset, byteLength } = array;
    if (Buffer.compare(held, new Uint8Array(array.buffer, byteOffset, byteLength)) !== 0) wrong++;
  };
  for (const { attributes, index, drawRange } of geometries) {
    for (const attribute of Object.values(attributes)) {
      const { data, offset } = attribute as unknown as { data: Shared; offset: number };
      check(data.buffer, offset * 2, attribute.array);
    }
    check((index as unknown as Shared).buffer, drawRange.start * 2, index!.array);
  }
  return wrong;
}

interface Shared {
  buffer: WebGLBuffer;
}

interface Life {
  fake: FakeGl;
  pool: GeometryPool;
  live: { lease: GeometryLease; geometries: SharedGeometry[] }[];
  refused: number;
  wrong: number;
}

/** Frames of payloads that come and go, nine tenths full, each frame checked to the byte. */
function live(frames: number, stagingBytes: number, spoil = -1): Life {
  const fake = createFakeGl();
  const pool = new GeometryPool(fake.gl, { ...OPTIONS, stagingBytes });
  const random = createRandom(7);
  const life: Life = { fake, pool, live: [], refused: 0, wrong: 0 };
  for (let frame = 0; frame < frames; frame++) {
    if (frame === spoil) fake.skipCopies = 1;
    pool.beginFrame();
    while (pool.heldBytes > pool.capacityBytes * 0.75) {
      const [gone] = life.live.splice(Math.floor(random() * life.live.length), 1);
      pool.free(gone!.lease);
    }
    for (let i = 0; i < 3; i++) {
      const made = createLease(random, 20 + Math.floor(random() ** 3 * 1200));
      if (pool.take(made.lease) !== null) {
        life.refused++;
        continue;
      }
      while (!pool.write(new LeaseWriter(made.lease)));
      life.live.push(made);
    }
    for (const { geometries } of life.live) life.wrong += misplaced(fake, geometries);
  }
  return life;
}

describe('shared buffers', () => {
  test.each([OPTIONS.stagingBytes, 0])(
    'keep every byte through moves, with a ring of %i bytes',
    (stagingBytes) => {
      const { fake, pool, live: kept, wrong } = live(120, stagingBytes);
      expect(wrong).toBe(0);
      expect(fake.errors).toEqual([]);
      expect(kept.length).toBeGreaterThan(10);
      expect(pool.movedBytes).toBeGreaterThan(50_000);
      expect(pool.gpuBytes).toBe(fake.liveBytes);
      expect(pool.heldBytes).toBe(kept.reduce((sum, { lease }) => sum + lease.bytes, 0));
    },
  );

  test('a copy that was left out is found', () => {
    expect(live(120, 0, 60).wrong).toBeGreaterThan(0);
  });

  test('an upload in pieces ends with the same bytes, though its ranges move meanwhile', () => {
    const fake = createFakeGl();
    const pool = new GeometryPool(fake.gl, OPTIONS);
    const random = createRandom(3);
    const small = Array.from({ length: 40 }, () => createLease(random, 100));
    for (const { lease } of small) {
      expect(pool.take(lease)).toBeNull();
      pool.write(new LeaseWriter(lease));
    }
    const large = createLease(random, 3000);
    expect(pool.take(large.lease)).toBeNull();
    const writer = new LeaseWriter(large.lease);
    let frames = 0;
    let done = false;
    // 2 KB at a time, and below it everything else goes: it has every reason to move.
    const limits = { fit: () => (left-- > 0 ? 2048 : 0), mayGo: () => true, went: () => undefined };
    let left = 0;
    while (!done && frames < 200) {
      left = 1;
      pool.beginFrame();
      if (frames % 3 === 0 && small.length > 0) pool.free(small.pop()!.lease);
      done = pool.write(writer, limits);
      frames++;
    }
    expect(done).toBe(true);
    expect(frames).toBeGreaterThan(15);
    expect(misplaced(fake, large.geometries)).toBe(0);
    expect(fake.errors).toEqual([]);
  });

  test('what was refused though there is room fits after some frames of moves', () => {
    const fake = createFakeGl();
    const pool = new GeometryPool(fake.gl, { ...OPTIONS, movedBytesPerFrame: 4096 });
    const random = createRandom(5);
    const all: ReturnType<typeof createLease>[] = [];
    for (;;) {
      const made = createLease(random, 150);
      if (pool.take(made.lease) !== null) break;
      pool.write(new LeaseWriter(made.lease));
      all.push(made);
    }
    const kept = all.filter((_, i) => i % 3 === 0);
    for (const one of all) if (!kept.includes(one)) pool.free(one.lease);
    const large = createLease(random, 3000);
    expect(pool.take(large.lease)).toBe('not yet');
    let frames = 0;
    do pool.beginFrame();
    while (pool.take(large.lease) !== null && frames++ < 60);
    expect(frames).toBeGreaterThan(2);
    expect(frames).toBeLessThan(60);
    for (const { geometries } of kept) expect(misplaced(fake, geometries)).toBe(0);
    const huge = createLease(random, 20_000);
    expect(pool.take(huge.lease)).toBe('too large');
  });

  /** Full of small ones: a third of them, spread over all of it, is what is free. */
  function holed(random: Random): { pool: GeometryPool; kept: GeometryLease[] } {
    const pool = new GeometryPool(createFakeGl().gl, { ...OPTIONS, movedBytesPerFrame: 0 });
    const all: GeometryLease[] = [];
    for (;;) {
      const { lease } = createLease(random, 150);
      if (pool.take(lease) === null) all.push(lease);
      else {
        pool.free(lease);
        break;
      }
    }
    all.forEach((lease, i) => {
      if (i % 3 === 0) pool.free(lease);
    });
    return { pool, kept: all.filter((_, i) => i % 3 !== 0) };
  }

  test('who has waited for half a second goes before all others, and gives up in the end', () => {
    const random = createRandom(5);
    const { pool } = holed(random);
    const large = createLease(random, 2000).lease;
    let refusal = '';
    const others: (string | null)[] = [];
    const lacks: number[] = [];
    for (let frame = 0; frame < 300; frame++) {
      pool.beginFrame();
      refusal = pool.take(large)!;
      lacks.push(pool.lackBytes);
      const other = createLease(random, 100).lease;
      others.push(pool.take(other));
      pool.free(other);
    }
    expect(others.indexOf('not yet')).toBe(29);
    expect(others.slice(29).every((one) => one === 'not yet')).toBe(true);
    // Nothing moves here, so as much as it needs has to go, once a second.
    expect(lacks.flatMap((bytes, frame) => (bytes > 0 ? [frame] : []))).toEqual([
      59, 119, 179, 239, 299,
    ]);
    expect(refusal).toBe('hopeless');
    pool.free(large);
    expect(pool.take(createLease(random, 100).lease)).toBeNull();
  });

  test('what lacks room says how much has to go, and less is asked for afterwards', () => {
    const random = createRandom(5);
    const { pool, kept } = holed(random);
    const before = pool.usableBytes;
    const large = createLease(random, 6000).lease;
    expect(pool.take(large)).toBe('no room');
    expect(pool.lackBytes).toBeGreaterThan(0);
    expect(pool.usableBytes).toBeLessThan(before);
    let freed = 0;
    while (pool.lackBytes > 0) {
      const gone = kept.pop()!;
      freed += gone.bytes;
      pool.free(gone);
    }
    expect(freed).toBeGreaterThan(1000);
    expect(pool.vertices.arena.freeBytes).toBeGreaterThanOrEqual(large.vertexBytes);
    expect(pool.indices.arena.freeBytes).toBeGreaterThanOrEqual(large.indexBytes);
  });

  test.each([
    ['vertices', 1, 0, 5 / 8],
    ['indices', 0, 1, 3 / 8],
    ['both as foreseen', 5, 3, 1],
  ])('of %s alone no more is asked for than fits', (_, vertexParts, indexParts, fitting) => {
    const vertices = new RangeArena(640 * 1024);
    const indices = new RangeArena(384 * 1024);
    const queue = new RoomQueue(vertices, indices);
    const most = (7 / 8) * 1024 * 1024;
    expect(queue.usableBytes).toBeCloseTo(most, 3);
    if (vertexParts > 0) vertices.allocate(vertexParts * 64 * 1024);
    if (indexParts > 0) indices.allocate(indexParts * 64 * 1024);
    // As little as there is, it counts beside an eighth of what was foreseen.
    const held = (vertexParts + indexParts) / (vertexParts + indexParts + 2);
    const share = (indexParts > 0 ? indexParts / (vertexParts + indexParts) : 0) * held;
    const expected = share + (3 / 8) * (1 - held);
    const narrow = Math.min(5 / 8 / (1 - expected), 3 / 8 / expected);
    expect(queue.usableBytes).toBeCloseTo(most * narrow, 3);
    expect(narrow).toBeGreaterThanOrEqual(fitting);
    expect(narrow).toBeLessThanOrEqual(1);
  });

  test('a restored context has everything again', () => {
    const { fake, pool, live: kept } = live(30, OPTIONS.stagingBytes);
    fake.bytesOf(pool.vertices.buffer).fill(0);
    pool.dispose();
    expect(fake.liveBytes).toBe(0);
    pool.restore();
    expect(fake.liveBytes).toBe(pool.gpuBytes);
    for (const { geometries } of kept) expect(misplaced(fake, geometries)).toBe(0);
  });

  test('a device without that much memory is told, and holds nothing afterwards', () => {
    const fake = createFakeGl();
    fake.limitBytes = 200 * 1024;
    expect(() => new GeometryPool(fake.gl, OPTIONS)).toThrow(
      /no \d+ bytes for (indices|vertices); ask for less geometryBytes/,
    );
    expect(fake.liveBytes).toBe(0);
  });
});
