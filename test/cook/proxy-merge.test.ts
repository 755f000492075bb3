/** Which placements a proxy keeps, at which level, and how wide, when it may not have them all. */
import { describe, expect, test } from 'vitest';
import { mergePieces, type ProxyInstances } from '../../cook/proxy-merge.ts';
import type { ProxyPiece } from '../../cook/proxy-piece.ts';
import { box } from './proxy-worlds.ts';

const SIDE = 10;

/** Boxes of 2 x 6 x 2 m with a level of 12 triangles and one of 2, which is 1.5 m off. */
function boxes(scaleOf: (i: number) => number): [ProxyPiece[], ProxyInstances] {
  const mesh = box([1, 3, 1]);
  const part = { ...mesh, material: 0, uvs: null, uvs1: null, colors: null, extras: [] };
  const coarse = { ...part, index: part.index.slice(0, 6) };
  const surface = { tile: null, metallic: 0, roughness: 1, doubleSided: false };
  const piece: ProxyPiece = {
    levels: [
      { triangles: 12, errorMeters: 0.1, parts: [part] },
      { triangles: 2, errorMeters: 1.5, parts: [coarse] },
    ],
    surfaces: [{ ...surface, color: [1, 2, 3] }],
    radius: Math.hypot(1, 3, 1),
    axis: [0, 0],
  };
  const count = SIDE * SIDE;
  const instances = {
    pieces: new Uint32Array(count),
    positions: Float32Array.from({ length: count * 3 }, (_, k) => {
      const i = Math.floor(k / 3);
      return [(i % SIDE) * 8, 0, Math.floor(i / SIDE) * 8][k % 3]!;
    }),
    rotations: Int16Array.from({ length: count * 4 }, (_, k) => (k % 4 === 3 ? 32767 : 0)),
    scales: Float32Array.from({ length: count }, (_, i) => scaleOf(i)),
  };
  return [[piece], instances];
}

/** x of every vertex, as the distance from the middle of its box. */
function reachOf(positions: Float32Array): number[] {
  const xs = [...positions].filter((_, k) => k % 3 === 0);
  return xs.map((x) => Math.abs(x - Math.round(x / 8) * 8));
}

describe('a proxy', () => {
  test('has everything at the level that is tolerated, as it is', () => {
    const merged = mergePieces(...boxes(() => 1), { errorMeters: 0.5, triangles: 1200 });
    expect(merged).toMatchObject({ triangles: 1200, kept: 100 });
    expect(merged.errorMeters).toBeCloseTo(0.1);
    for (const reach of reachOf(merged.parts[0]!.positions)) expect(reach).toBeCloseTo(1);
  });

  test('has everything at a coarser level where triangles are few', () => {
    const merged = mergePieces(...boxes(() => 1), { errorMeters: 0.5, triangles: 1000 });
    expect(merged).toMatchObject({ triangles: 200, kept: 100 });
    expect(merged.errorMeters).toBeCloseTo(1.5);
  });

  test('has a part of it, wider by what the others took, where even those are too many', () => {
    const limits = { errorMeters: 0.5, triangles: 50 };
    const merged = mergePieces(...boxes(() => 1), limits);
    expect(merged).toMatchObject({ triangles: 50, kept: 25 });
    // A quarter of them, twice as wide and as deep: together they take the same area.
    for (const reach of reachOf(merged.parts[0]!.positions)) expect(reach).toBeCloseTo(2);
    expect(merged.errorMeters).toBeGreaterThan(1.5 + 2);
    // By chance, not by order: about half of them stand in the first half.
    const first = merged.parts[0]!.positions.filter((x, k) => k % 3 === 0 && x < 36).length;
    const share = first / (merged.parts[0]!.positions.length / 3);
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.75);
    const [again] = mergePieces(...boxes(() => 1), limits).parts;
    expect(again!.positions).toEqual(merged.parts[0]!.positions);
  });

  test('leaves out what is smaller than is tolerated, but never all', () => {
    // One of ten is 13 m, the others 1.3 m.
    const mixed = mergePieces(...boxes((i) => (i % 10 === 0 ? 2 : 0.2)), {
      errorMeters: 2,
      triangles: 5000,
    });
    expect(mixed.kept).toBe(10);
    const small = mergePieces(...boxes(() => 0.2), { errorMeters: 2, triangles: 5000 });
    expect(small.kept).toBe(100);
  });

  test('of one placement has that, however few triangles there may be', () => {
    const [pieces, instances] = boxes(() => 1);
    const one = {
      pieces: instances.pieces.slice(0, 1),
      positions: instances.positions.slice(0, 3),
      rotations: instances.rotations.slice(0, 4),
      scales: instances.scales.slice(0, 1),
    };
    expect(mergePieces(pieces, one, { errorMeters: 0.5, triangles: 1 }).kept).toBe(1);
  });
});
