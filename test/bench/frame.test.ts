/** The frame benchmark's own machinery, on small worlds: what it counts, not how long it takes. */
import { describe, expect, test } from 'vitest';
import { poseAt } from '../../bench/frame/flight.ts';
import { measureOne } from '../../bench/frame/frame.ts';
import { measureTogether } from '../../bench/frame/measure.ts';
import { Peer3dTiles } from '../../bench/frame/peer-3dtiles.ts';
import {
  countTiles,
  createTileset,
  levelsFor,
  type StubTile,
} from '../../bench/frame/quadtree-tileset.ts';
import type { FrameCount, Subject } from '../../bench/frame/subject.ts';

// Heap figures are not looked at here, and a test runner has no collector to call.
(globalThis as { gc?: () => void }).gc ??= () => undefined;

const MEASURE = { firstFrame: 5, frames: 4, warmupFrames: 2 };

/** Records which frames it was asked for. */
function createRecorder(name: string, count: FrameCount): Subject & { frames: number[] } {
  const frames: number[] = [];
  return {
    name,
    version: '1',
    frames,
    open: async () => ({ openMs: 0, bytesPerPlacement: 0 }),
    frame(frame) {
      frames.push(frame);
      return count;
    },
    dispose: () => undefined,
  };
}

describe('measureTogether', () => {
  test('flies every subject through the same frames and counts those after the warm-up', async () => {
    const a = createRecorder('a', { used: 10, visited: 40 });
    const b = createRecorder('b', { used: 3 });
    const rows = await measureTogether(
      [a, b].map((subject) => ({ subject, openMs: 12, bytesPerPlacement: 34 })),
      MEASURE,
    );
    expect(a.frames).toEqual([5, 6, 7, 8, 9, 10]);
    expect(b.frames).toEqual(a.frames);
    expect(
      rows.map(({ name, used, visited, openMs, bytesPerPlacement }) => [
        name,
        used,
        visited,
        openMs,
        bytesPerPlacement,
      ]),
    ).toEqual([
      ['a', 10, 40, 12, 34],
      ['b', 3, null, 12, 34],
    ]);
  });

  test('refuses a subject that used nothing: its figures would mean nothing', async () => {
    const idle = createRecorder('idle', { used: 0 });
    await expect(
      measureTogether([{ subject: idle, openMs: 0, bytesPerPlacement: 0 }], MEASURE),
    ).rejects.toThrow('idle used nothing in 4 frames');
  });
});

describe('measureOne', () => {
  test('tunes the peer to what our side uses and gives back what it opened', async () => {
    const own = createRecorder('own', { used: 300, visited: 900 });
    let isDisposed = false;
    own.dispose = () => {
      isDisposed = true;
    };
    const options = { frames: 3, warmup: 2, seed: 1, peers: true };
    const run = await measureOne(own, 1000, options);
    expect(run).toMatchObject({ placements: 1000, used: 300, visited: 900 });
    expect(run.peers.map(({ name }) => name)).toEqual(['3d-tiles-renderer']);
    expect(run.peers[0]!.used).toBeGreaterThan(240);
    expect(run.peers[0]!.used).toBeLessThan(375);
    expect(isDisposed).toBe(true);
    // Tuned over frames 0 and 1, then flown on from there without a jump.
    expect(own.frames).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe('the flight', () => {
  test('goes 100 m a second at 150 m', () => {
    const [a, b] = [poseAt(0), poseAt(60)];
    expect(Math.hypot(b.x - a.x, b.z - a.z)).toBeCloseTo(100);
    expect([a.y, b.y]).toEqual([150, 150]);
    expect(Math.hypot(...a.forward)).toBeCloseTo(1);
  });
});

describe('the tileset', () => {
  test('is a complete quadtree that covers its square, finer by half a level', () => {
    expect([levelsFor(87_000), countTiles(9)]).toEqual([9, 87_381]);
    const { root } = createTileset(5);
    let tiles = 0;
    const visit = (tile: StubTile, parent: StubTile | null): void => {
      tiles++;
      if (parent) expect(tile.geometricError).toBe(parent.geometricError / 2);
      const [x, y, , half] = tile.boundingVolume.box as [number, number, number, number];
      const area = (tile.children ?? []).reduce(
        (sum, child) => sum + (child.boundingVolume.box[3]! * 2) ** 2,
        0,
      );
      if (tile.children) expect(area).toBeCloseTo((half * 2) ** 2);
      for (const child of tile.children ?? []) {
        expect(Math.abs(child.boundingVolume.box[0]! - x)).toBe(half / 2);
        expect(Math.abs(child.boundingVolume.box[1]! - y)).toBe(half / 2);
        visit(child, tile);
      }
    };
    visit(root, null);
    expect(tiles).toBe(countTiles(5));
  });
});

describe('3d-tiles-renderer', () => {
  test('is tuned to the number of used tiles asked for, and uses more at a lower error', async () => {
    const peer = new Peer3dTiles();
    try {
      await peer.open(1365);
      expect(peer.version).toBe('0.5.3');
      await peer.setErrorTarget(16);
      const coarse = peer.frame(0).used;
      await peer.setErrorTarget(4);
      const fine = peer.frame(0).used;
      expect(coarse).toBeGreaterThan(0);
      expect(fine).toBeGreaterThan(coarse);
      const target = Math.round((coarse + fine) / 2);
      const reached = await peer.matchUsed(target, 0);
      expect(reached / target).toBeGreaterThan(0.8);
      expect(reached / target).toBeLessThan(1.25);
      expect(peer.frame(0).used).toBe(reached);
    } finally {
      peer.dispose();
    }
    expect('requestAnimationFrame' in globalThis).toBe(false);
  });
});
