/**
 * Where payloads lie and where packs end: neighbors together, sizes bounded, and what changes in one
 * asset leaves the packs of the others alone.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildCatalog } from '../../cook/build-catalog.ts';
import type { CookedModel } from '../../cook/cook-model.ts';
import { hilbertCell, hilbertOf } from '../../cook/hilbert.ts';
import { type PackPlan, planPacks } from '../../cook/pack.ts';
import { createRandom } from '../../src/base/random.ts';
import { plainColumns } from './sources.ts';

const MIB = 1024 * 1024;

/** Merging as the runtime does it on a link that is neither very near nor very far. */
const MERGE_GAP_BYTES = 64 * 1024;
const MERGE_MAX_BYTES = MIB;

describe("hilbert's curve", () => {
  test('visits every square once, and each beside the one before', () => {
    for (const order of [1, 2, 3, 6]) {
      const side = 2 ** order;
      const along: [number, number][] = [];
      for (let x = 0; x < side; x++)
        for (let y = 0; y < side; y++) along[hilbertCell(x, y, order)] = [x, y];
      expect(along.length).toBe(side * side);
      for (let i = 1; i < along.length; i++) {
        const [[x, y], [u, v]] = [along[i]!, along[i - 1]!];
        expect(Math.abs(x - u) + Math.abs(y - v)).toBe(1);
      }
    }
  });

  test('takes any place, those beyond its grid as its edge', () => {
    for (const [x, z] of [
      [0, 0],
      [1e12, -1e12],
      [-3.9, 1234.5],
    ] as const) {
      const position = hilbertOf(x, z);
      expect(Number.isSafeInteger(position)).toBe(true);
      expect(position).toBeGreaterThanOrEqual(0);
      expect(position).toBeLessThan(2 ** 44);
    }
    expect(hilbertOf(1e12, 1e12)).toBe(hilbertOf(1e9, 1e9));
    expect(hilbertOf(10, 10)).not.toBe(hilbertOf(14, 10));
  });
});

/** Payloads by name, in the order to pack them. */
interface Named {
  name: string;
  bytes: number;
}

function somePayloads(count: number, seed: number, mostBytes: number = 900_000): Named[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => ({
    name: `asset-${i} LOD ${i % 5}`,
    bytes: Math.ceil(2000 + random() ** 4 * mostBytes),
  }));
}

/** What identifies each pack: the names and sizes in it, in order. */
function contentsOf(payloads: readonly Named[], chunkBytes: number): string[] {
  const plan = planNamed(payloads, chunkBytes);
  return plan.members.map((members) =>
    members.map((i) => `${payloads[i]!.name}:${payloads[i]!.bytes}`).join(),
  );
}

function planNamed(payloads: readonly Named[], chunkBytes: number = 2 * MIB): PackPlan {
  return planPacks(
    payloads.map(({ bytes }) => bytes),
    [...payloads.keys()],
    (i) => payloads[i]!.name,
    { chunkBytes },
  );
}

/** Packs of `after` that are not among those of `before`. */
function countNew(before: readonly string[], after: readonly string[]): number {
  const known = new Set(before);
  return after.filter((pack) => !known.has(pack)).length;
}

describe('packs', () => {
  test('are bounded, aligned, in order, and hold every payload once', () => {
    const sizes = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: 3 * MIB })),
      { maxLength: 400 },
    );
    fc.assert(
      fc.property(sizes, fc.constantFrom(64 * 1024, MIB, 2 * MIB), (bytes, chunkBytes) => {
        const named = bytes.map((size, i) => ({ name: `p${i}`, bytes: size }));
        const plan = planNamed(named, chunkBytes);
        expect(plan.members.flat()).toEqual([...bytes.keys()]);
        plan.members.forEach((members, pack) => {
          let end = 0;
          for (const i of members) {
            const start = plan.offsets[i]!;
            expect(plan.packs[i]).toBe(pack);
            expect(start % (bytes[i]! >= 65536 ? 4096 : 16)).toBe(0);
            expect(start - end).toBeGreaterThanOrEqual(0);
            end = start + bytes[i]!;
          }
          expect(plan.sizes[pack]).toBe(end);
          // Only one that is larger by itself, and then alone.
          if (end > chunkBytes * 4) expect(members).toHaveLength(1);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('have 1 to 8 MiB by default, 2 on average, but for the last', () => {
    const { sizes } = planNamed(somePayloads(20_000, 3));
    expect(sizes.length).toBeGreaterThan(1000);
    for (const bytes of sizes.slice(0, -1)) expect(bytes).toBeGreaterThanOrEqual(MIB);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8 * MIB);
    const mean = sizes.reduce((sum, bytes) => sum + bytes, 0) / sizes.length;
    expect(mean / MIB).toBeGreaterThan(1.5);
    expect(mean / MIB).toBeLessThan(2.5);
  });

  test('change only around what changes, comes or goes', () => {
    const payloads = somePayloads(4000, 7);
    const before = contentsOf(payloads, 2 * MIB);
    const random = createRandom(11);
    const news: number[] = [];
    for (let i = 0; i < 300; i++) {
      const at = Math.floor(random() * payloads.length);
      const edited = [...payloads];
      const bytes = Math.ceil(2000 + random() ** 4 * 900_000);
      if (i % 3 === 0) edited[at] = { ...payloads[at]!, bytes };
      else if (i % 3 === 1) edited.splice(at, 1);
      else edited.splice(at, 0, { name: `new-${i}`, bytes });
      news.push(countNew(before, contentsOf(edited, 2 * MIB)));
    }
    news.sort((a, b) => a - b);
    // One pack nearly always; a cut that moves takes some packs until the ends fall together again.
    expect(news[150]).toBe(1);
    expect(news[284]).toBeLessThanOrEqual(4);
    expect(news[299]).toBeLessThan(20);
  });

  test('that end where they are full would change by the dozen', () => {
    const payloads = somePayloads(40_000, 7, 30_000);
    /** Ends where the next payload would not fit: what content-defined ends are better than. */
    const whenFull = (list: readonly Named[]): string[] => {
      const packs: string[][] = [[]];
      let end = 0;
      for (const { name, bytes } of list) {
        if (end + bytes > 2 * MIB) {
          packs.push([]);
          end = 0;
        }
        end += bytes;
        packs.at(-1)!.push(`${name}:${bytes}`);
      }
      return packs.map((pack) => pack.join());
    };
    const byContent = (list: readonly Named[]): string[] => contentsOf(list, 2 * MIB);
    let [fixed, defined] = [0, 0];
    for (let i = 0; i < 10; i++) {
      const edited = [...payloads];
      edited.splice(i * 400, 0, { name: 'new', bytes: 20_000 });
      fixed += countNew(whenFull(payloads), whenFull(edited)) / 10;
      defined += countNew(byContent(payloads), byContent(edited)) / 10;
    }
    console.info('packs that one more asset replaces', { fixed, defined });
    expect(fixed).toBeGreaterThan(20);
    expect(defined).toBeLessThan(3);
  });

  test('stop at what the catalog can name, with what to do', () => {
    const sizes = new Uint32Array(65_536).fill(300 * 1024);
    const order = [...sizes.keys()];
    const plan = (count: number, chunkBytes: number): PackPlan =>
      planPacks(sizes, order.slice(0, count), (i) => `p${i}`, { chunkBytes });
    expect(plan(65_535, 64 * 1024).sizes).toHaveLength(65_535);
    expect(() => plan(65_536, 64 * 1024)).toThrow(
      'needs 65536 packs, expected at most 65535; raise --chunk-bytes (it is 65536)',
    );
    expect(plan(65_536, 1024 * 1024).sizes.length).toBeLessThan(40_000);
  });
});

/** A town of `count` buildings that each stand in one place, on a square of 4 km. */
function makeTown(count: number, seed: number) {
  const random = createRandom(seed);
  const models = Array.from({ length: count }, (_, i): CookedModel => {
    // Names say nothing of places.
    const name = `building-${Math.floor(random() * 1e9)}-${i}`;
    const lods = [90_000, 30_000, 9000, 2500].map((bytes, lod) => ({
      triangles: 10_000 >> (lod * 2),
      errorMeters: 0.01 * 4 ** lod,
      payload: {
        bytes: new Uint8Array(Math.ceil(bytes * (0.5 + random()))),
        checksum: 0,
        codec: 'meshopt' as const,
        triangles: 1,
        geometryBytes: 1000,
        imageBytes: 0,
        textureBytes: 0,
        blockBytes: [0, 0, 0],
        decodeMs: 1,
      },
    }));
    const sphere: CookedModel['sphere'] = [0, 0, 0, 10];
    return { name, file: '', lods, sphere, warnings: [], sourceBytes: 0, sourceTriangles: 0 };
  });
  models.sort((a, b) => (a.name < b.name ? -1 : 1));
  const positions = Float32Array.from({ length: count * 3 }, (_, i) =>
    i % 3 === 1 ? 0 : (random() - 0.5) * 4000,
  );
  const placed = {
    assets: Uint32Array.from({ length: count }, (_, i) => i),
    positions,
    rotations: new Int16Array(count * 4).fill(0).map((_, i) => (i % 4 === 3 ? 32767 : 0)),
    scales: new Float32Array(count).fill(1),
    ...plainColumns(count),
  };
  return { models, placed, ...buildCatalog({ models, placed, terrain: null }) };
}

/** Reads that bring everything within reach of a walk across the town, merged as the runtime does. */
function readsOf(
  plan: PackPlan,
  sizes: Uint32Array,
  { placed, catalog }: ReturnType<typeof makeTown>,
) {
  const have = new Set<number>();
  let reads = 0;
  let readBytes = 0;
  let neededBytes = 0;
  for (let step = 0; step <= 40; step++) {
    const x = step * 90 - 1800;
    const wanted: number[] = [];
    for (let asset = 0; asset < catalog.counts.assets; asset++) {
      const [px, pz] = [placed.positions[asset * 3]!, placed.positions[asset * 3 + 2]!];
      const meters = Math.hypot(px - x, pz - x / 3);
      const lod = meters < 60 ? 0 : meters < 150 ? 1 : meters < 400 ? 2 : 3;
      const payload = catalog.assetPayloads[asset]! + lod;
      if (have.has(payload)) continue;
      have.add(payload);
      wanted.push(payload);
    }
    wanted.sort((a, b) => plan.packs[a]! - plan.packs[b]! || plan.offsets[a]! - plan.offsets[b]!);
    let [pack, start, end] = [-1, 0, 0];
    for (const payload of wanted) {
      const [from, to] = [plan.offsets[payload]!, plan.offsets[payload]! + sizes[payload]!];
      neededBytes += sizes[payload]!;
      const isNear =
        plan.packs[payload] === pack &&
        from - end <= MERGE_GAP_BYTES &&
        to - start <= MERGE_MAX_BYTES;
      if (!isNear) {
        reads++;
        readBytes += end - start;
        [pack, start] = [plan.packs[payload]!, from];
      }
      end = to;
    }
    readBytes += end - start;
  }
  return { reads, amplification: readBytes / neededBytes };
}

describe('the order of payloads', () => {
  const town = makeTown(3000, 5);
  const sizes = town.catalog.payloadEncodedBytes;
  const label = (payload: number): string => town.labels[payload]!;

  test('holds every payload once, coarsest first, neighbors together', () => {
    expect([...town.order].sort((a, b) => a - b)).toEqual([...sizes.keys()]);
    const lods = town.order.map((payload) => payload % 4);
    expect(lods).toEqual([...lods].sort((a, b) => b - a));
    const place = (payload: number): [number, number] => {
      const at = Math.floor(payload / 4) * 3;
      return [town.placed.positions[at]!, town.placed.positions[at + 2]!];
    };
    const meters: number[] = [];
    for (let i = 1; i < 3000; i++) {
      const [x, z] = place(town.order[i]!);
      const [u, v] = place(town.order[i - 1]!);
      meters.push(Math.hypot(x - u, z - v));
    }
    meters.sort((a, b) => a - b);
    // 3,000 places on 16 square kilometers are about 73 m apart; any two, about 2 km.
    expect(meters[1500]).toBeLessThan(250);
  });

  test('needs far fewer reads on a walk than the order of names', () => {
    const alongCurve = readsOf(planPacks(sizes, town.order, label), sizes, town);
    const byName = readsOf(planPacks(sizes, [...sizes.keys()], label), sizes, town);
    const lodByLodByName = [3, 2, 1, 0].flatMap((lod) =>
      town.models.map((_, asset) => asset * 4 + lod),
    );
    const byLod = readsOf(planPacks(sizes, lodByLodByName, label), sizes, town);
    console.info('reads on a walk through 3,000 buildings', { alongCurve, byName, byLod });
    expect(alongCurve.reads).toBeLessThan(byLod.reads * 0.7);
    expect(alongCurve.reads).toBeLessThan(byName.reads * 0.3);
    expect(alongCurve.amplification).toBeLessThan(2);
  });

  test('is the same but for what comes or goes', () => {
    const without = (order: readonly number[], names: readonly string[], out: string) =>
      order.map((payload) => names[payload]!).filter((name) => !name.startsWith(out));
    const { models, placed } = town;
    const gone = models[1234]!.name;
    const kept = models.filter((_, i) => i !== 1234);
    const rows = [...placed.assets.keys()].filter((i) => i !== 1234);
    const pick = <T extends Float32Array | Int16Array | Uint16Array>(from: T, width: number): T =>
      from.filter((_, i) => Math.floor(i / width) !== 1234) as T;
    const smaller = buildCatalog({
      models: kept,
      placed: {
        assets: Uint32Array.from(rows, (_, i) => i),
        positions: pick(placed.positions, 3),
        rotations: pick(placed.rotations, 4),
        scales: pick(placed.scales, 1),
        ...plainColumns(kept.length),
      },
      terrain: null,
    });
    expect(smaller.order.map((payload) => smaller.labels[payload]!)).toEqual(
      without(town.order, town.labels, gone),
    );
  });
});
