/** Scorers of the game: they order what is asked for, and nothing they do harms anything else. */
import { createWorld } from 'bitecs';
import { describe, expect, it } from 'vitest';
import type { ScoreFunction, Scorer, ScorerColumns } from '../../src/memory/scorer.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { installStreaming } from '../../src/plugin.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({
  placements: 1500,
  assets: 8,
  extentMeters: 400,
  terrainDepth: 3,
});

async function start(
  scorer: StreamingOptions['scorer'],
  budgetShare = 2,
  streaming: StreamingOptions = {},
): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond: 5e5,
    streaming: {
      ...(scorer && { scorer }),
      budgetBytes: Math.round(synthetic.residentBytes * budgetShare),
      maxInFlight: 2,
      lookAhead: 1,
      terrainErrorPixels: 0.5,
      ...streaming,
    },
  });
  await openSynthetic(simulation, synthetic);
  simulation.look(0, 5, 0, 0);
  return simulation;
}

/** Everything that arrives, in order, and what was reported of scorers. */
async function fly(
  simulation: Simulation,
  frames = 200,
): Promise<{ arrivals: string[]; reports: string[] }> {
  const arrivals: string[] = [];
  const reports: string[] = [];
  const { streaming } = simulation;
  streaming.on('assetResident', ({ asset, lod }) => arrivals.push(`${asset}:${lod}`));
  streaming.on('listenerFailed', ({ event, error }) =>
    reports.push(`${event}: ${(error as Error).message}`),
  );
  for (let frame = 0; frame < frames; frame++) {
    simulation.look(0, 5, -frame * 0.1, 0);
    await simulation.step();
    if (frame % 20 === 0) streaming.checkInvariants();
  }
  expect(simulation.view.problems).toEqual([]);
  await streaming.dispose();
  return { arrivals, reports };
}

const classic = (columns: ScorerColumns, out: Float64Array): void => {
  for (let at = 0; at < out.length; at++)
    out[at] = columns.gains[at]! > 0 ? columns.classic[Math.floor(at / 5)]! : 0;
};

describe('a scorer of the game', () => {
  it('decides what is loaded: what it leaves at 0 is not', async () => {
    const only: Scorer = {
      name: 'only-asset-3',
      score({ names, gains }, out) {
        for (let lod = 0; lod < 5; lod++) {
          const at = names.indexOf('asset-3') * 5 + lod;
          out[at] = gains[at]!;
        }
      },
    };
    const { arrivals, reports } = await fly(await start(only));
    const fine = arrivals.filter((arrival) => !/:4$|terrain/.test(arrival));
    expect(fine.length).toBeGreaterThan(2);
    expect(fine.filter((arrival) => !arrival.startsWith('asset-3'))).toEqual([]);
    // Terrain is not the scorer's.
    expect(arrivals.filter((arrival) => arrival.startsWith('terrain')).length).toBeGreaterThan(4);
    expect(reports).toEqual([]);
  });

  it('that gives gain ÷ price is the one called `value`, but for its groups of neighbors', async () => {
    const byValue: ScoreFunction = ({ gains, prices }, out) => {
      for (let at = 0; at < out.length; at++)
        if (gains[at]! > 0) out[at] = gains[at]! / prices[at]!;
    };
    const own = await fly(await start(byValue), 330);
    const value = await fly(await start('value'), 330);
    expect(own.reports).toEqual([]);
    // A group brings along what by itself would not have been worth a request.
    const asked = new Set(value.arrivals);
    const shared = own.arrivals.filter((arrival) => asked.has(arrival)).length;
    expect(shared / own.arrivals.length).toBeGreaterThan(0.9);
  });

  it('reads columns that say how things stand', async () => {
    const seen: ScorerColumns[] = [];
    let problems = 0;
    const check: ScoreFunction = (columns, out) => {
      const { count, lodCounts, residentMasks, pendingMasks, gains, areas, prices } = columns;
      seen.push(columns);
      if (out.length !== count * 5 || areas.length !== count * 5) problems++;
      for (let row = 0; row < count; row++) {
        if (lodCounts[row] !== 5 || columns.importances[row] !== 1) problems++;
        if (residentMasks[row]! & pendingMasks[row]!) problems++;
        if (!(columns.distances[row]! >= 0)) problems++;
        for (let lod = 0; lod < 5; lod++) {
          const at = row * 5 + lod;
          if (out[at] !== 0) problems++;
          if (!(gains[at]! >= 0 && prices[at]! > columns.encodedBytes[at]!)) problems++;
          if (residentMasks[row]! & (1 << lod) && gains[at] !== 0) problems++;
          if (lod > 0 && columns.residentBytes[at]! >= columns.residentBytes[at - 1]!) problems++;
        }
      }
      classic(columns, out);
    };
    await fly(await start(check));
    expect(seen.length).toBeGreaterThan(20);
    expect(problems).toBe(0);
    expect(seen.at(-1)!.residentMasks[0]).toBeGreaterThan(0);
  });

  it('may write into what it reads, and keep it: nobody is harmed', async () => {
    const kept: Float64Array[] = [];
    const vandal: ScoreFunction = (columns, out) => {
      classic(columns, out);
      for (const scores of kept) if (scores !== out) scores.fill(Number.NaN);
      kept.push(out);
      for (const column of Object.values(columns))
        if (ArrayBuffer.isView(column) && column !== out) (column as Float64Array).fill(255);
      (columns.names as string[]).fill('stolen');
    };
    const wild = await fly(await start(vandal, 0.5));
    const calm = await fly(await start(classic, 0.5));
    expect(wild).toEqual(calm);
    expect(calm.arrivals.length).toBeGreaterThan(20);
  });

  it('may not steer the streaming that asks it', async () => {
    for (const call of ['begin', 'update', 'commit', 'close', 'dispose'] as const) {
      const simulation = await start((columns, out) => {
        classic(columns, out);
        if (call === 'update') simulation.streaming.update(0.1);
        else if (call === 'close') simulation.streaming.close(synthetic.path);
        else simulation.streaming[call]();
      });
      const { arrivals, reports } = await fly(simulation, 30);
      expect(reports).toHaveLength(1);
      expect(reports[0]).toContain(`threw farfield: ${call}: a scorer may not call it`);
      expect(arrivals.length).toBeGreaterThan(3);
    }
  });
});

describe('a scorer that fails', () => {
  const failures: [string, ScoreFunction, RegExp][] = [
    [
      'throws',
      () => {
        throw new Error('no idea');
      },
      /the scorer "bad" threw no idea/,
    ],
    [
      'throws what has no message',
      () => {
        throw Object.create(null);
      },
      /"bad" threw \{\}/,
    ],
    ['gives NaN', (_, out) => out.fill(Number.NaN), /"bad" gave asset-0 LOD 0 the score NaN/],
    [
      'gives Infinity',
      (_, out) => {
        out[7] = Infinity;
      },
      /asset-1 LOD 2 the score Infinity; exp/,
    ],
    [
      'gives a negative',
      (_, out) => {
        out[39] = -1e-9;
      },
      /gave asset-7 LOD 4 the score -1e-9/,
    ],
    ['gives too much', (_, out) => out.fill(1e13), /score 10000000000000; .* 0 to 1000000000000/],
    [
      'gives its array away',
      (_, out) => {
        structuredClone(out, { transfer: [out.buffer] });
      },
      /LOD 0 the score undefined/,
    ],
  ];
  let byValue: string[] | undefined;
  it.each(failures)('because it %s is told once, and value orders', async (_, score, message) => {
    const bad = await fly(await start({ name: 'bad', score }, 0.5), 100);
    byValue ??= (await fly(await start('value', 0.5), 100)).arrivals;
    expect(bad.arrivals).toEqual(byValue);
    expect(byValue.length).toBeGreaterThan(10);
    expect(bad.reports).toHaveLength(1);
    expect(bad.reports[0]).toMatch(message);
    expect(bad.reports[0]).toMatch(/candidates are ordered by value/);
  });

  it('now and then is used in between', async () => {
    let calls = 0;
    const moody: ScoreFunction = (columns, out) => {
      if (++calls % 3 === 0) out[0] = Number.NaN;
      else classic(columns, out);
    };
    const { arrivals, reports } = await fly(await start(moody));
    expect(reports).toHaveLength(1);
    expect(calls).toBeGreaterThan(30);
    expect(arrivals.length).toBeGreaterThan(20);
  });
});

describe('scorers that come along', () => {
  it.each(['classic', 'distance'] as const)(
    '%s starves neither assets nor terrain',
    async (scorer) => {
      const { arrivals } = await fly(await start(scorer), 300);
      const places = (isOne: (arrival: string) => boolean): number[] =>
        [...arrivals.keys()].filter((place) => isOne(arrivals[place]!));
      const tiles = places((arrival) => arrival.startsWith('terrain'));
      const finer = places((arrival) => /asset-\d+:[0-3]/.test(arrival));
      expect(tiles.length).toBeGreaterThan(50);
      // The root, which must be there, aside: each kind begins before the other has ended.
      expect(tiles[1]).toBeLessThan(finer.at(-1)! - 2);
      expect(finer[0]).toBeLessThan(tiles.at(-1)! - 40);
      expect(tiles[10]).toBeLessThan(arrivals.length / 2);
    },
  );

  it.each(['classic', 'distance'] as const)(
    '%s comes to rest where memory is short',
    async (scorer) => {
      const simulation = await start(scorer, 0.3);
      // Time for the error bias to rise as far as it must.
      for (let frame = 0; frame < 800; frame++) await simulation.step();
      const before = simulation.streaming.stats();
      for (let frame = 0; frame < 200; frame++) await simulation.step();
      const after = simulation.streaming.stats();
      expect(before.refused).toBeGreaterThan(0);
      expect(after.payloadsLoaded).toBe(before.payloadsLoaded);
      expect(after.overBudgetFrames).toBe(0);
      await simulation.streaming.dispose();
    },
  );

  it.each(['classic', 'distance'] as const)('%s loads what is held by name', async (scorer) => {
    const simulation = await start(scorer);
    simulation.look(9000, 5, 0, 0);
    await simulation.step();
    const held = simulation.streaming.requestAsset('asset-5', 0, 'low');
    await simulation.settle();
    expect(simulation.streaming.isResident('asset-5', 0)).toBe(true);
    held.release();
    await simulation.streaming.dispose();
  });

  it('orders otherwise with other bonuses', async () => {
    const behind = { classic: { frustumBonus: 0, velocityBonus: 0, rangeMeters: 50 } };
    const plain = await fly(await start('classic'), 100);
    const changed = await fly(await start('classic', 2, behind), 100);
    expect(changed.arrivals).not.toEqual(plain.arrivals);
    expect(changed.arrivals.length).toBeGreaterThan(10);
  });
});

describe('the option', () => {
  const install =
    (options: object): (() => unknown) =>
    () =>
      installStreaming(createWorld(), options as StreamingOptions);

  it('refuses what cannot score, and figures that make no sense', () => {
    expect(install({ scorer: 'best' })).toThrow(/scorer must be "value", .*, got "best"/);
    expect(install({ scorer: { name: 'x' } })).toThrow(/a score function, got \{"name":"x"\}/);
    expect(install({ scorer: { score: () => 0 } })).toThrow(/an object with a name and a score/);
    expect(install({ scorer: null })).not.toThrow();
    expect(install({ classic: { rangeMeters: 0 } })).toThrow(
      /classic.rangeMeters must be a number/,
    );
    expect(install({ classic: { frustumBonus: -1 } })).toThrow(/classic.frustumBonus must be/);
    expect(install({ classic: { velocityBonus: 'x' } })).toThrow(/classic.velocityBonus must be/);
    expect(install({ occlusion: { halfLifeSeconds: 0 } })).toThrow(/occlusion.halfLifeSeconds/);
    expect(install({ occlusion: { floor: 1.1 } })).toThrow(
      /occlusion.floor must be a number from 0/,
    );
  });
});
