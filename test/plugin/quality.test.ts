/** What each of the five details does to a running world: counted by a view, in the direction promised. */
import { afterEach, describe, expect, it } from 'vitest';
import type { DetailName } from '../../src/level/quality.ts';
import { distanceFrom, endAll, place, startWorld, type Town } from '../support/quality-world.ts';
import { createSimulation, openSynthetic } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

afterEach(endAll);

const DETAILS = ['ultra', 'high', 'medium', 'low', 'minimal'] as const;

interface Figures {
  triangles: number;
  textureBytes: number;
  farthestMeters: number;
  casters: number;
}

/** What is on screen, of all or of what stands in the level or outside. */
function figuresOf(town: Town, inLevel?: boolean): Figures {
  const figures = { triangles: 0, textureBytes: 0, farthestMeters: 0, casters: 0 };
  const payloads = new Set<number>();
  for (const [slot, payload] of town.view.shown) {
    const placement = slot - town.firstSlot;
    if (inLevel !== undefined && town.isInLevel(placement) !== inLevel) continue;
    payloads.add(payload);
    figures.triangles += 4096 / 4 ** (payload % 5);
    figures.farthestMeters = Math.max(figures.farthestMeters, distanceFrom(town, placement));
    if (!town.shadowless.has(payload)) figures.casters++;
  }
  for (const payload of payloads)
    figures.textureBytes += town.catalog.payloadTextureBytes[payload]!;
  return figures;
}

/** Each figure falls strictly from detail to detail. */
function expectFalling(rows: readonly Figures[]): void {
  for (const key of ['triangles', 'farthestMeters', 'casters'] as const) {
    const values = rows.map((row) => row[key]);
    for (let i = 1; i < values.length; i++)
      expect(values[i]!, `${key} of ${values}`).toBeLessThan(values[i - 1]!);
  }
  const bytes = rows.map((row) => row.textureBytes);
  expect(bytes).toEqual([...bytes].sort((a, b) => b - a));
  expect(new Set(bytes).size).toBeGreaterThanOrEqual(3);
}

describe('setQuality', () => {
  it('lowers triangles, texture bytes, draw distance and shadow casters step by step', async () => {
    const town = await startWorld();
    const free = figuresOf(town);
    const rows: Figures[] = [];
    for (const detail of DETAILS) {
      town.streaming.setQuality(detail);
      await town.settle();
      rows.push(figuresOf(town));
      expect(town.streaming.qualityOf()).toBe(detail);
    }
    expectFalling(rows);
    const farthest = rows.map(({ farthestMeters }) => farthestMeters);
    [10_000, 8000, 6000, 4000, 2000].forEach((meters, i) => {
      expect(farthest[i]!).toBeLessThanOrEqual(meters * 1.1);
      expect(farthest[i]!).toBeGreaterThan(meters * 0.9);
    });
    // What ultra shows casts all its shadows, as without a quality; minimal casts none.
    const shown = [...town.view.shown].length;
    expect([free.casters > rows[0]!.casters, rows[4]!.casters, shown > 0]).toEqual([true, 0, true]);
    // Textures of at most a fifth of the side are those of LOD 2 and on: a sixteenth of the bytes.
    expect(rows[4]!.textureBytes).toBeLessThan(rows[0]!.textureBytes / 8);
    town.streaming.setQuality(null);
    await town.settle();
    expect(figuresOf(town)).toEqual(free);
  });

  it('keeps from memory what it keeps from the screen', async () => {
    const rows: { bytes: number; textureBytes: number }[] = [];
    for (const detail of ['ultra', 'medium', 'minimal'] as const) {
      const town = await startWorld();
      town.streaming.setQuality(detail);
      // Everything is given up, and what is asked for comes anew.
      const { budgetBytes } = town.streaming;
      town.streaming.budgetBytes = 1;
      for (let frame = 0; frame < 60; frame++) await town.step();
      town.streaming.budgetBytes = budgetBytes;
      await town.settle();
      let textureBytes = 0;
      for (const payload of town.view.uploaded)
        textureBytes += town.catalog.payloadTextureBytes[payload]!;
      rows.push({ bytes: town.streaming.stats().usedBytes, textureBytes });
    }
    expect(rows[1]!.textureBytes).toBeLessThan(rows[0]!.textureBytes);
    expect(rows[2]!.textureBytes).toBeLessThan(rows[1]!.textureBytes / 2);
    expect(rows[2]!.bytes).toBeLessThan(rows[0]!.bytes);
  });

  it('holds for entities too, and gives up what it limited', async () => {
    const town = await startWorld();
    const far = place(town, 2500);
    const near = place(town, 30);
    await town.settle();
    expect(town.view.shown.has(far)).toBe(true);
    town.streaming.setQuality('minimal');
    await town.settle();
    expect([town.view.shown.has(far), town.view.shown.get(near)! % 5]).toEqual([false, 2]);
    town.streaming.setQuality(null);
    await town.settle();
    expect([town.view.shown.has(far), town.view.shown.get(near)! % 5]).toEqual([true, 0]);
  });

  it('has its figures edited, at once', async () => {
    const town = await startWorld();
    const { streaming } = town;
    streaming.setQuality('ultra');
    streaming.setQualityValues('ultra', { drawDistanceMeters: 1500, shadowQuality: 0 });
    await town.settle();
    const { farthestMeters, casters } = figuresOf(town);
    expect(farthestMeters).toBeLessThanOrEqual(1650);
    expect(casters).toBe(0);
    const other = await startWorld({
      quality: { values: { ultra: { drawDistanceMeters: 1500, shadowQuality: 0 } } },
    });
    other.streaming.setQuality('ultra');
    await other.settle();
    expect(figuresOf(other)).toEqual(figuresOf(town));
  });
});

describe('the ground', () => {
  it('gets coarser with the mesh quality of all, and is drawn as far as before', async () => {
    const world = makeSyntheticWorld({ placements: 0, terrainDepth: 5, finestBytes: 800 });
    const simulation = createSimulation(world, {
      streaming: { budgetBytes: world.residentBytes * 2 },
    });
    await openSynthetic(simulation, world);
    simulation.look(0, 5, 400, 0);
    const tiles: number[] = [];
    for (const detail of ['ultra', 'minimal', null] as const) {
      simulation.streaming.setQuality(detail);
      await simulation.settle();
      tiles.push(simulation.view.shown.size);
      expect(simulation.streaming.stats().holes).toBe(0);
    }
    expect(tiles[1]!).toBeGreaterThan(0);
    expect(tiles[1]!).toBeLessThan(tiles[0]!);
    expect(tiles[2]).toBe(tiles[0]);
    expect(simulation.view.problems).toEqual([]);
    await simulation.streaming.dispose();
  });
});

describe('setLevelQuality', () => {
  it('lowers what stands in the level, and nothing else', async () => {
    const town = await startWorld();
    town.streaming.setQuality('ultra');
    await town.settle();
    const outside = figuresOf(town, false);
    const rows: Figures[] = [];
    for (const detail of DETAILS) {
      town.streaming.setLevelQuality('town', detail);
      await town.settle();
      rows.push(figuresOf(town, true));
      expect(figuresOf(town, false)).toEqual(outside);
      expect(town.streaming.qualityOf('town')).toBe(detail);
    }
    const triangles = rows.map((row) => row.triangles);
    expect(triangles).toEqual([...new Set(triangles)].sort((a, b) => b - a));
    // The level ends 3 km away: only minimal is too near for it.
    expect(rows[3]!.farthestMeters).toBeGreaterThan(2700);
    expect(rows[4]!.farthestMeters).toBeLessThanOrEqual(2200);
    expect(rows[4]!.textureBytes).toBeLessThan(rows[0]!.textureBytes / 4);
    // Its assets stand outside too, and are drawn together: they follow the better place.
    expect(rows[4]!.casters).toBeGreaterThan(0);
  });

  it('has shadows of its own where its assets stand nowhere else', async () => {
    const town = await startWorld({}, 1e6);
    const casters: number[] = [];
    for (const detail of DETAILS) {
      town.streaming.setLevelQuality('town', detail);
      await town.settle();
      casters.push(figuresOf(town).casters);
    }
    expect(casters).toEqual([...new Set(casters)].sort((a, b) => b - a));
    expect(casters[4]).toBe(0);
  });

  it('counts beside that of all, and the coarser one holds', async () => {
    const town = await startWorld();
    const { streaming } = town;
    const alone = async (all: DetailName | null, own: DetailName | null): Promise<Figures> => {
      streaming.setQuality(all);
      streaming.setLevelQuality('town', own);
      await town.settle();
      return figuresOf(town, true);
    };
    const [low, minimal] = [await alone('low', null), await alone('minimal', null)];
    expect(low.triangles).toBeGreaterThan(minimal.triangles);
    expect(await alone('low', 'high')).toEqual(low);
    expect((await alone('high', 'minimal')).triangles).toBe(minimal.triangles);
    expect(streaming.qualityOf('town')).toBe('minimal');
    expect(streaming.qualityOf()).toBe('high');
  });

  it('holds beside limits of the level', async () => {
    const town = await startWorld();
    town.streaming.setLevelLod('town', { finestLod: 3 });
    town.streaming.setLevelQuality('town', 'low');
    await town.settle();
    const lods = [...town.view.shown]
      .filter(([slot]) => town.isInLevel(slot - town.firstSlot))
      .map(([, payload]) => payload % 5);
    expect(Math.min(...lods)).toBe(3);
    expect(figuresOf(town, true).farthestMeters).toBeLessThanOrEqual(4400);
  });

  it('is known before the level is', async () => {
    const town = await startWorld({}, 1e6);
    town.streaming.close('world.json');
    town.streaming.setLevelQuality('town', 'minimal');
    await openSynthetic(town, town.synthetic);
    await town.settle();
    const { casters, farthestMeters } = figuresOf(town);
    expect([casters, farthestMeters <= 2200, farthestMeters > 1800]).toEqual([0, true, true]);
  });
});

describe('auto-adjust', () => {
  it('settles under load, gives levels the detail of their distance, and goes back', async () => {
    const town = await startWorld();
    const { streaming } = town;
    const heard: string[] = [];
    streaming.on('qualityChanged', ({ level, to }) => void (level === '' && heard.push(`${to}`)));
    streaming.setAutoQuality(true);
    /** A frame that takes what its triangles cost. */
    const play = async (seconds: number, nsPerTriangle: number): Promise<number> => {
      let frameMs = 0;
      for (let at = 0; at < seconds; at += 1 / 30) {
        frameMs = 4 + (figuresOf(town).triangles * nsPerTriangle) / 1e6;
        streaming.profileFrame(frameMs, 1e9, 100, 1e6);
        await town.step(1 / 30);
      }
      return frameMs;
    };
    const triangles = figuresOf(town).triangles;
    const frameMs = await play(30, (20 / triangles) * 1e6);
    expect(frameMs).toBeLessThanOrEqual(16.67 * 1.15);
    const settled = streaming.qualityOf()!;
    expect(DETAILS.indexOf(settled)).toBeGreaterThan(0);
    expect(heard.length).toBeLessThanOrEqual(5);
    expect(heard).toEqual([...new Set(heard)]);
    expect(streaming.qualityOf('town')).toBe(settled);
    town.look(0, 5, 9000, 0);
    await play(20, 0);
    // The level begins 6 km from there.
    expect([streaming.qualityOf('town'), streaming.qualityOf()]).toEqual(['low', 'ultra']);
    streaming.setQuality('high');
    await play(1, 0);
    expect(streaming.qualityOf()).toBe('high');
    streaming.setAutoQuality(false);
    await town.step();
    expect([streaming.qualityOf('town'), streaming.qualityOf()]).toEqual(['high', 'high']);
  });

  it('takes the time step for the frame where the game tells none', async () => {
    const town = await startWorld({ quality: { autoAdjust: true } });
    for (let frame = 0; frame < 200; frame++) await town.step(1 / 25);
    expect(DETAILS.indexOf(town.streaming.qualityOf()!)).toBeGreaterThan(0);
  });
});

describe('calculateOptimalLOD', () => {
  it('takes the coarsest of what distance, memory and frame time ask for', async () => {
    const { streaming } = await startWorld();
    const all = streaming.budgetBytes;
    expect(streaming.calculateOptimalLOD(100, all, 10)).toBe('ultra');
    expect(streaming.calculateOptimalLOD(3000, all, 10)).toBe('medium');
    expect(streaming.calculateOptimalLOD(100, all * 0.06, 10)).toBe('low');
    expect(streaming.calculateOptimalLOD(100, all, 25)).toBe('high');
    expect(streaming.calculateOptimalLOD(100, all, 50)).toBe('medium');
    streaming.setQuality('medium');
    expect(streaming.calculateOptimalLOD(100, all, 14)).toBe('medium');
    expect(streaming.calculateOptimalLOD(100, all, 10)).toBe('high');
    expect(streaming.calculateOptimalLOD(4500, all, 14)).toBe('medium');
    expect(streaming.qualityOf()).toBe('medium');
  });
});

describe('bad input', () => {
  it('is refused by name', async () => {
    const { streaming } = await startWorld();
    expect(() => streaming.setQuality('best' as 'ultra')).toThrow(
      /setQuality: expected one of ultra, high, medium, low, minimal, got "best"/,
    );
    expect(() => streaming.setLevelQuality('', 'low')).toThrow(
      /setLevelQuality: expected the name/,
    );
    expect(() => streaming.setLevelQuality('town', 2 as never)).toThrow(
      /setLevelQuality\("town"\): expected one of .* got 2/,
    );
    expect(() => streaming.setQualityValues('low', { meshQuality: 2 })).toThrow(
      /setQualityValues\("low"\): meshQuality must be a number from 0.01 to 1, got 2/,
    );
    expect(() => streaming.setAutoQuality(1 as never)).toThrow(
      /setAutoQuality: expected a boolean/,
    );
    expect(() => streaming.qualityOf('')).toThrow(
      /qualityOf: expected the name of a level, got ""/,
    );
    expect(() => streaming.calculateOptimalLOD(Number.NaN, 1, 1)).toThrow(
      /calculateOptimalLOD: distanceMeters must be .* got NaN/,
    );
    await expect(startWorld({ quality: { hysteresis: 3 } })).rejects.toThrow(
      /installStreaming: quality.hysteresis must be a number from 1 to 2, got 3/,
    );
  });
});
