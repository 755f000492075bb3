/** The frame benchmark's own machinery, on small worlds: what it counts, not how long it takes. */
import { describe, expect, test } from 'vitest';
import type { OwnSubject } from '../../bench/frame/farfield.ts';
import { createFarfield, makeFrameWorld } from '../../bench/frame/farfield.ts';
import {
  createPose,
  DT_SECONDS,
  type Flight,
  parseFlight,
  writePose,
} from '../../bench/frame/flight.ts';
import { type FrameRun, measureFlight, planWorlds } from '../../bench/frame/frame.ts';
import { measureTogether } from '../../bench/frame/measure.ts';
import { Peer3dTiles } from '../../bench/frame/peer-3dtiles.ts';
import { PeerThreeLod } from '../../bench/frame/peer-three-lod.ts';
import { profileSystems } from '../../bench/frame/profile.ts';
import {
  countTiles,
  createTileset,
  levelsFor,
  type StubTile,
} from '../../bench/frame/quadtree-tileset.ts';
import type { FrameCount, Subject } from '../../bench/frame/subject.ts';
import { HEAP_TOLERANCE_BYTES, judgeRuns } from '../../bench/frame/targets.ts';
import { run, WANT } from '../../src/systems/schedule.ts';
import { measureAllocation } from '../support/allocation.ts';

// Heap figures are not looked at here, and a test runner has no collector to call.
(globalThis as { gc?: () => void }).gc ??= () => undefined;

const FLIGHT: Flight = { camera: 'straight', speedMetersPerSecond: 100 };
const MEASURE = { frames: 4, peerFrames: 2, warmupFrames: 2, replays: 2 };

interface Recorder extends Subject {
  frames: number[];
  resets: Flight[];
  isDisposed: boolean;
}

/** Records which frames it was asked for. */
function createRecorder(name: string, count: FrameCount): Recorder {
  const recorder: Recorder = {
    name,
    version: '1',
    frames: [],
    resets: [],
    isDisposed: false,
    async reset(flight) {
      recorder.resets.push(flight);
    },
    step: (frame) => void recorder.frames.push(frame),
    count: () => count,
    dispose() {
      recorder.isDisposed = true;
    },
  };
  return recorder;
}

describe('measureTogether', () => {
  test('flies all through the same frames as often as asked, the peers through fewer', async () => {
    const a = createRecorder('a', { used: 10, visited: 40 });
    const b = createRecorder('b', { used: 3 });
    const rows = await measureTogether([a, b], FLIGHT, MEASURE);
    expect(a.frames).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
    expect(b.frames).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(a.resets).toEqual([FLIGHT, FLIGHT]);
    expect(rows.map(({ name, used, visited }) => [name, used, visited])).toEqual([
      ['a', 10, 40],
      ['b', 3, null],
    ]);
  });

  test('takes the least of the replays for each frame', async () => {
    const subject = createRecorder('subject', { used: 1 });
    // Two replays of two frames before the measured four; the second replay is disturbed twice.
    const elapsedMs = [9, 9, 4, 4, 4, 4, 9, 9, 2, 70, 2, 70];
    const meter = { start: () => undefined, stop: () => elapsedMs.shift()! };
    const [row] = await measureTogether([subject], FLIGHT, MEASURE, meter);
    expect(elapsedMs).toEqual([]);
    expect(row!.microsecondsPerUsed).toBe(((2 + 4 + 2 + 4) / 4) * 1000);
    expect(row!.updateMsMedian).toBe(3);
  });

  test('refuses a subject that used nothing: its figures would mean nothing', async () => {
    const idle = createRecorder('idle', { used: 0 });
    await expect(measureTogether([idle], FLIGHT, MEASURE)).rejects.toThrow(
      'idle used nothing in 4 frames',
    );
  });

  test('refuses replays that decide differently', async () => {
    const fickle = createRecorder('fickle', { used: 1 });
    fickle.decision = () => `${fickle.frames.length === 9}`;
    await expect(measureTogether([fickle], FLIGHT, MEASURE)).rejects.toThrow(
      'replay 1 of fickle decided otherwise in frame 2: true, first false',
    );
  });
});

describe('our own side', () => {
  const world = makeFrameWorld(3000, 'uniform', 1)!;

  test('flies each replay to the same decisions and opens anew each time', async () => {
    const own = createFarfield(world, 10);
    try {
      const options = { ...MEASURE, frames: 20, replays: 2 };
      const run = await measureFlight(own, [], FLIGHT, options);
      expect(run.used).toBeGreaterThan(500);
      expect(run.bytesPerPlacement).toBeGreaterThan(26);
      expect(run.openMaxSliceMs).toBeGreaterThan(0);
      expect(run.openMs).toBeGreaterThan(0);
      const before = own.decision!();
      await own.reset(FLIGHT);
      expect(own.decision!()).not.toBe(before);
    } finally {
      await own.dispose();
    }
  });

  test('is profiled system by system, and the schedule is as it was after it', async () => {
    const own = createFarfield(world, 10);
    const systems = [...WANT];
    try {
      await own.reset(FLIGHT);
      const shares = await profileSystems(5, own.step, async () => undefined);
      expect(WANT).toEqual(systems);
      expect(run).toBeTypeOf('function');
      expect(shares.map(({ system }) => system)).toContain('prioritize');
      expect(shares.reduce((sum, { sharePercent }) => sum + sharePercent, 0)).toBeCloseTo(100, 0);
    } finally {
      await own.dispose();
    }
  });
});

describe('measureFlight', () => {
  test('tunes the peers to what our side uses, and leaves out those that refuse', async () => {
    const own: OwnSubject & Recorder = Object.assign(createRecorder('own', { used: 300 }), {
      opening: () => ({ openMs: 12, openMaxSliceMs: 3, bytesPerPlacement: 34 }),
    });
    const peers = [
      Object.assign(createRecorder('peer', { used: 290 }), {
        refuses: () => null,
        matchUsed: async (target: number) => target,
      }),
      Object.assign(createRecorder('unwilling', { used: 290 }), {
        refuses: () => 'cannot',
        matchUsed: async () => Promise.reject(new Error('must not be asked')),
      }),
    ];
    const figures = await measureFlight(own, peers, FLIGHT, MEASURE);
    expect(figures).toMatchObject({ used: 300, openMs: 12, openMaxSliceMs: 3 });
    expect(figures.peers.map(({ name }) => name)).toEqual(['peer']);
    expect(peers[1]!.frames).toEqual([]);
  });
});

describe('measureAllocation', () => {
  const kept: object[] = [];

  test('tells how much is allocated, collections or none', () => {
    const numbers = new Float64Array(64);
    const still = (frame: number): void => {
      numbers[frame & 63] = frame + numbers[0]!;
    };
    const wasteful = (frame: number): void => {
      // A header, a length and a hundred places of eight bytes.
      kept[frame & 1023] = new Array(100).fill(frame);
    };
    for (let i = 0; i < 20_000; i++) {
      still(i);
      wasteful(i);
    }
    expect(measureAllocation(wasteful, 300)).toBeGreaterThan(800);
    expect(measureAllocation(wasteful, 300)).toBeLessThan(1200);
    expect(measureAllocation(still, 300)).toBeLessThan(64);
  });
});

describe('the flights', () => {
  const at = (flight: Flight, frame: number) => {
    const pose = createPose();
    writePose(flight, frame, pose);
    return pose;
  };
  const second = Math.round(1 / DT_SECONDS);

  test('go straight on at the speed asked for, 150 m up', () => {
    const [a, b] = [at(parseFlight('30'), 0), at(parseFlight('30'), second)];
    expect(Math.hypot(b.x - a.x, b.z - a.z)).toBeCloseTo(30);
    expect([a.y, b.y]).toEqual([150, 150]);
    expect(Math.hypot(a.forwardX, a.forwardY, a.forwardZ)).toBeCloseTo(1);
  });

  test('spin on the spot, jump from place to place, or stand still', () => {
    const [spun, jumped] = [at(parseFlight('spin'), second), at(parseFlight('teleport'), second)];
    expect([spun.x, spun.z]).toEqual([0, 0]);
    expect(spun.forwardX).not.toBeCloseTo(at(parseFlight('spin'), 0).forwardX);
    expect(Math.hypot(jumped.x, jumped.z)).toBeCloseTo(1200);
    expect(at(parseFlight('teleport'), second * 1.5)).not.toEqual(jumped);
    expect(at(parseFlight('still'), second)).toEqual(at(parseFlight('still'), 0));
  });

  test('are named, and anything else is refused', () => {
    for (const text of ['fast', '', '-5', '0'])
      expect(() => parseFlight(text)).toThrow('a flight is a speed');
  });

  test('are planned for each world; asked for nothing, all sizes and kinds', () => {
    const all = planWorlds({});
    expect(all.map(({ placements }) => placements)).toContain(4_000_000);
    expect(new Set(all.map(({ distribution }) => distribution)).size).toBe(3);
    const few = planWorlds({ placements: [10, 20], speed: [FLIGHT] });
    expect(few).toEqual([
      { placements: 10, distribution: 'uniform', flights: [FLIGHT] },
      { placements: 20, distribution: 'uniform', flights: [FLIGHT] },
    ]);
  });
});

describe('the targets', () => {
  const good: FrameRun = {
    placements: 1_000_000,
    distribution: 'uniform',
    camera: 'straight',
    speedMetresPerS: 30,
    used: 10_000,
    visited: null,
    updateMsMedian: 0.1,
    updateMsP99: 0.3,
    microsecondsPerUsed: 0.01,
    bytesPerPlacement: 50,
    openMs: 100,
    openMaxSliceMs: 5,
    heapDeltaBytesPerFrame: 0,
    peers: [
      {
        name: '3d-tiles-renderer',
        version: '0.5.3',
        used: 10_000,
        visited: null,
        updateMsMedian: 5,
        updateMsP99: 6,
        microsecondsPerUsed: 0.5,
      },
    ],
  };
  const still: FrameRun = { ...good, camera: 'still', speedMetresPerS: 0, peers: [] };
  const larger: FrameRun = { ...good, placements: 4_000_000, peers: [] };
  const missed = (...runs: Partial<FrameRun>[]) =>
    judgeRuns(runs.map((given) => ({ ...good, ...given }))).filter((line) =>
      line.startsWith('MISSED'),
    );

  test('are met by figures that meet them', () => {
    const lines = judgeRuns([good, { ...still, microsecondsPerUsed: 0.001 }, larger]);
    expect(lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
    expect(lines).toHaveLength(14);
  });

  test('each is missed by a figure beyond it', () => {
    expect(missed({ microsecondsPerUsed: 0.02 })).toHaveLength(1);
    expect(missed({ updateMsP99: 0.41 })).toHaveLength(1);
    expect(missed({ heapDeltaBytesPerFrame: HEAP_TOLERANCE_BYTES + 1 })).toHaveLength(1);
    expect(missed({ bytesPerPlacement: 100 })).toHaveLength(1);
    expect(missed({ openMaxSliceMs: 8.1 })).toHaveLength(1);
    expect(missed({}, { ...still, microsecondsPerUsed: 0.0011 })).toHaveLength(1);
    expect(missed({}, { ...larger, microsecondsPerUsed: 0.0131 })).toHaveLength(1);
  });

  test('sizes are compared at an equal number of used items only', () => {
    expect(missed({}, { ...larger, microsecondsPerUsed: 0.0131, used: 20_000 })).toEqual([]);
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

function usedAt(peer: Peer3dTiles): number {
  peer.step(0);
  return peer.count().used;
}

describe('3d-tiles-renderer', () => {
  test('is tuned to the number of used tiles asked for, and uses more at a lower error', async () => {
    const peer = new Peer3dTiles();
    try {
      await peer.open(1365);
      expect(peer.version).toBe('0.5.3');
      await peer.setErrorTarget(16);
      const coarse = usedAt(peer);
      await peer.setErrorTarget(4);
      const fine = usedAt(peer);
      expect(coarse).toBeGreaterThan(0);
      expect(fine).toBeGreaterThan(coarse);
      const target = Math.round((coarse + fine) / 2);
      const reached = await peer.matchUsed(target, FLIGHT);
      expect(reached / target).toBeGreaterThan(0.8);
      expect(reached / target).toBeLessThan(1.25);
      expect(usedAt(peer)).toBe(reached);
    } finally {
      peer.dispose();
    }
    expect('requestAnimationFrame' in globalThis).toBe(false);
  });
});

describe('THREE.LOD', () => {
  test('visits all of its scene and uses about as many objects as asked for', async () => {
    const peer = new PeerThreeLod();
    const reached = await peer.matchUsed(300, FLIGHT);
    expect(reached).toBeGreaterThan(240);
    expect(reached).toBeLessThan(375);
    expect(peer.count().visited!).toBeGreaterThan(reached * 3);
    expect(peer.refuses(parseFlight('teleport'))).toMatch(/too large/);
    expect(peer.refuses(FLIGHT)).toBe(null);
    await peer.dispose();
  });
});
