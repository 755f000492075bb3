/** Opening a world: what is asked for when, what shows meanwhile, and what is left when it fails. */
import { describe, expect, it } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { drain } from '../../src/base/steps.ts';
import { readDirectory } from '../../src/io/bundle/read-directory.ts';
import { sliceFirst } from '../../src/io/bundle/read-slice.ts';
import type { Bytes, Source } from '../../src/io/source.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import type { WorldInfo } from '../../src/plugin.ts';
import {
  createSimulation,
  drainMicrotasks,
  type Simulation,
  type SimulationOptions,
} from '../support/simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from '../support/synthetic-world.ts';

const OPTIONS = { placements: 40_000, assets: 10, extentMeters: 2400, finestBytes: 6000 };
const world = makeSyntheticWorld({ ...OPTIONS, terrainDepth: 2 });
const directory = drain(readDirectory(world.files['catalog.ffc']!));
const { directoryBytes, sliceStarts } = directory;

interface Read {
  file: string;
  start: number;
  end: number;
}

type Hook = (read: Read, number: number) => void | Promise<void>;

/** A source that tells what is read of it; the hook may wait, throw or change what comes. */
function watched(files: Record<string, Bytes>, hook: Hook = () => undefined) {
  const inner = memorySource(files);
  const reads: Read[] = [];
  const source: Source = {
    name: 'watched',
    readAll: (file, signal) => inner.readAll(file, signal),
    async read(file, start, end, signal) {
      const read = { file, start, end };
      reads.push(read);
      await hook(read, reads.length - 1);
      return inner.read(file, start, end, signal);
    },
  };
  return { source, reads };
}

function isSlice({ file, start }: Read): boolean {
  return file === 'catalog.ffc' && start >= directoryBytes;
}

function simulate(options: SimulationOptions = {}): Simulation {
  const simulation = createSimulation(world, {
    ...options,
    streaming: { budgetBytes: world.residentBytes * 2, ...options.streaming },
  });
  simulation.look(0, 12, 0, 0);
  return simulation;
}

interface Opening {
  info?: WorldInfo;
  error?: Error;
  isDone: boolean;
}

function open(simulation: Simulation, path: string = world.path, source?: Source): Opening {
  const opening: Opening = { isDone: false };
  const { streaming } = simulation;
  streaming
    .open(path, source && { source })
    .then(
      (info) => {
        opening.info = info;
      },
      (error: Error) => {
        opening.error = error;
      },
    )
    .finally(() => {
      opening.isDone = true;
    });
  return opening;
}

/** Draws frames until the opening has ended. */
async function drawUntilOpen(simulation: Simulation, opening: Opening): Promise<void> {
  for (let frame = 0; frame < 3000 && !opening.isDone; frame++) {
    await simulation.step();
    simulation.streaming.checkInvariants();
  }
  expect(opening.isDone).toBe(true);
}

function expectNothingLeft({ streaming, view }: Simulation): void {
  const { payloads, placements, usedBytes, levels, payloadsPending } = streaming.stats();
  expect({ payloads, placements, usedBytes, levels, payloadsPending }).toEqual({
    payloads: 0,
    placements: 0,
    usedBytes: 0,
    levels: {},
    payloadsPending: 0,
  });
  expect(view.shown.size + view.uploaded.size).toBe(0);
  expect(view.problems).toEqual([]);
}

/** What a view shows at the origin when everything was there before the first frame. */
async function shownWhenOpenBefore(): Promise<[number, number][]> {
  const calm = simulate();
  const opening = open(calm);
  while (!opening.isDone) {
    await drainMicrotasks();
    calm.clock.advance(10);
  }
  await calm.settle();
  const shown = [...calm.view.shown].sort((a, b) => a[0] - b[0]);
  await calm.streaming.dispose();
  return shown;
}

const expected = shownWhenOpenBefore();

/** Opens over a link of 20 Mbit/s and 60 ms; what was in when the first payload was asked for. */
async function firstDemand(drawsMeanwhile: boolean): Promise<{ read: number; of: number }> {
  const simulation = simulate({ bandwidthBytesPerSecond: 2.5e6, latencySeconds: 0.06 });
  const { streaming } = simulation;
  const seen = { read: -1, of: world.catalog.counts.placements };
  let read = 0;
  streaming.on('openProgress', ({ placements, of }) => {
    read = placements;
    expect(of).toBe(seen.of);
  });
  const opening = open(simulation);
  for (let frame = 0; frame < 3000 && seen.read < 0; frame++) {
    if (drawsMeanwhile || opening.isDone) await simulation.step();
    else {
      await drainMicrotasks();
      simulation.clock.advance(10);
    }
    if (streaming.stats().payloadsPending > 0) seen.read = opening.isDone ? seen.of : read;
  }
  await drawUntilOpen(simulation, opening);
  await streaming.dispose();
  return seen;
}

describe('a world that is being opened', () => {
  it('asks for payloads before its placements are read, if frames are drawn meanwhile', async () => {
    const drawn = await firstDemand(true);
    expect(drawn.read).toBeGreaterThanOrEqual(0);
    expect(drawn.read).toBeLessThan(drawn.of / 2);
    // A game that waits before its first frame asks when it is over: the figure can be other.
    const waited = await firstDemand(false);
    expect(waited.read).toBe(waited.of);
  });

  it('shows cells as they come, nothing that is not there yet, and in the end the same', async () => {
    for (const seed of [1, 2, 3]) {
      const simulation = simulate({ seed, bandwidthBytesPerSecond: 2e6 });
      const { streaming, view } = simulation;
      const opening = open(simulation);
      const slots = new Set<number>();
      let partly = 0;
      for (let frame = 0; frame < 3000 && !opening.isDone; frame++) {
        simulation.look(
          Math.sin(seed + frame / 9) * 900,
          12,
          Math.cos(frame / 7) * 900,
          frame / 20,
        );
        await simulation.step();
        streaming.checkInvariants();
        for (const slot of view.shown.keys()) slots.add(slot);
        if (!opening.isDone && slots.size > 0) partly++;
      }
      expect(partly).toBeGreaterThan(3);
      expect(opening.info?.placements).toBe(40_000);
      simulation.look(0, 12, 0, 0);
      await simulation.settle();
      const shown = [...view.shown].sort((a, b) => a[0] - b[0]);
      expect(shown).toEqual(await expected);
      expect(view.problems).toEqual([]);
      await streaming.dispose();
    }
  });

  it('reads the placements nearest to the viewpoint first', async () => {
    for (const [x, z] of [
      [1100, 1100],
      [-1100, -1100],
    ] as const) {
      const simulation = simulate();
      simulation.look(x, 12, z, 0);
      await simulation.step();
      const { source, reads } = watched(world.files);
      const opening = open(simulation, world.path, source);
      await drawUntilOpen(simulation, opening);
      const [first] = reads.filter(isSlice);
      const slice = sliceStarts.indexOf(first!.start - directoryBytes);
      let near = Number.POSITIVE_INFINITY;
      for (let cell = directory.sliceCells[slice]!; cell < directory.sliceCells[slice + 1]!; cell++)
        near = Math.min(
          near,
          Math.hypot(directory.cellBoxes[cell * 6]! - x, directory.cellBoxes[cell * 6 + 2]! - z),
        );
      expect(near).toBeLessThan(120);
      await simulation.streaming.dispose();
    }
  });

  it('has no entity for a placement that is not there yet', async () => {
    const simulation = simulate();
    const { streaming } = simulation;
    const { source } = watched(world.files, (_, number) =>
      number >= 2 ? new Promise(() => undefined) : undefined,
    );
    open(simulation, world.path, source);
    for (let frame = 0; frame < 5; frame++) await simulation.step();
    const first = 4097;
    const entities = [first, first + 39_999].map((slot) => streaming.entityOfSlot(slot));
    // One read has come, of one end of the file or from its middle; never of both ends.
    expect(entities).toContain(0);
    // Nor is it found: those that are there are, and no others.
    let placed = 0;
    for (let slice = 0; slice < directory.counts.slices; slice++) {
      const from = first + sliceFirst(directory, slice);
      if (streaming.entityOfSlot(from) > 0)
        placed += sliceFirst(directory, slice + 1) - sliceFirst(directory, slice);
    }
    const everywhere = streaming.placementsIn({ center: [0, 0, 0], radius: 1e5 });
    expect(everywhere.count).toBe(placed);
    expect(placed).toBeGreaterThan(0);
    const middle = Array.from({ length: 40 }, (_, i) => streaming.entityOfSlot(first + i * 1000));
    expect(middle.filter((entity) => entity > 0).length).toBeGreaterThan(5);
    await streaming.dispose();
  });

  it('takes less than 100 bytes a placement', async () => {
    const large = makeSyntheticWorld({ placements: 100_000, assets: 64, extentMeters: 5000 });
    const simulation = createSimulation(large, { streaming: { capacity: 1000 } });
    const opening = open(simulation);
    await drawUntilOpen(simulation, opening);
    const { tableBytes, placements, openSlices } = simulation.streaming.stats();
    expect(placements).toBe(100_000);
    expect(tableBytes / placements).toBeLessThan(100);
    expect(tableBytes / placements).toBeGreaterThan(26);
    expect(openSlices).toBeGreaterThan(10);
    await simulation.streaming.dispose();
  });
});

describe('an opening that is broken off', () => {
  /** Breaks off when so many reads have begun. */
  async function breakOff(
    reads: number,
    how: (simulation: Simulation) => void | Promise<void>,
  ): Promise<Simulation> {
    const simulation = simulate({ streaming: { activateRadiusMeters: 50 } });
    const { source } = watched(world.files, (_, number) =>
      number >= reads ? new Promise(() => undefined) : undefined,
    );
    const opening = open(simulation, world.path, source);
    for (let frame = 0; frame < 20; frame++) await simulation.step();
    expect(opening.isDone).toBe(false);
    await how(simulation);
    await drainMicrotasks();
    expect(opening.error?.message).toMatch(/world\.json: .* while it was being opened/);
    expect(opening.error).toMatchObject({ code: ErrorCode.Cancelled });
    return simulation;
  }

  it.each([0, 1, 2, 4])(
    'by close after %i reads leaves nothing, and can be begun anew',
    async (n) => {
      const simulation = await breakOff(n, ({ streaming }) => streaming.close(world.path));
      await simulation.step();
      expectNothingLeft(simulation);
      const again = open(simulation);
      await drawUntilOpen(simulation, again);
      await simulation.settle();
      const shown = [...simulation.view.shown].sort((a, b) => a[0] - b[0]);
      expect(shown).toEqual(await expected);
      await simulation.streaming.dispose();
    },
  );

  it.each([0, 1, 3])('by dispose after %i reads leaves nothing', async (reads) => {
    const simulation = await breakOff(reads, ({ streaming }) => streaming.dispose());
    expectNothingLeft(simulation);
  });

  it('beside another world leaves that one alone', async () => {
    const other = makeSyntheticWorld({ seed: 8, placements: 20_000, terrainDepth: 1 });
    const rename = (files: SyntheticWorld['files']) =>
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`o/${name}`, bytes]));
    const simulation = simulate();
    const { streaming, view } = simulation;
    let count = 0;
    const halting = watched(world.files, () =>
      ++count > 3 ? new Promise(() => undefined) : undefined,
    );
    const opening = open(simulation, world.path, halting.source);
    const beside = open(simulation, 'o/world.json', memorySource(rename(other.files)));
    await drawUntilOpen(simulation, beside);
    expect(opening.isDone).toBe(false);
    streaming.close(world.path);
    await simulation.settle();
    streaming.checkInvariants();
    expect(opening.error).toBeDefined();
    expect(streaming.stats().placements).toBeGreaterThanOrEqual(20_000);
    expect(view.shown.size).toBeGreaterThan(0);
    streaming.close('o/world.json');
    await simulation.step();
    expectNothingLeft(simulation);
    await streaming.dispose();
  });
});

describe('a slice that does not come', () => {
  const third = directoryBytes + sliceStarts[2]!;

  /** Opens from a source that fails reads of the third slice so many times. */
  async function openWith(failures: number, code: ErrorCode) {
    let failed = 0;
    const { source } = watched(world.files, ({ file, start, end }) => {
      if (file !== 'catalog.ffc' || start > third || end <= third || failed >= failures) return;
      failed++;
      throw new StreamError(code, 'the line is dead');
    });
    const simulation = simulate();
    const warnings: string[] = [];
    const progress: { placements: number; failures: number }[] = [];
    simulation.streaming.on('warning', ({ message }) => warnings.push(message));
    simulation.streaming.on('openProgress', ({ placements }) =>
      progress.push({ placements, failures: failed }),
    );
    const opening = open(simulation, world.path, source);
    await drawUntilOpen(simulation, opening);
    return { simulation, opening, failed, warnings, progress };
  }

  it('is asked for again', async () => {
    const { simulation, opening, failed } = await openWith(2, ErrorCode.Network);
    expect(failed).toBe(2);
    expect(opening.error).toBeUndefined();
    expect(opening.info?.placements).toBe(40_000);
    await simulation.streaming.dispose();
  });

  it('is waited for while the source cannot be asked', async () => {
    const { simulation, opening, failed } = await openWith(8, ErrorCode.Unavailable);
    expect(failed).toBe(8);
    expect(opening.info?.placements).toBe(40_000);
    await simulation.streaming.dispose();
  });

  it('for a long time is put off: the rest goes on, and it is asked for again', async () => {
    const { simulation, opening, failed, warnings, progress } = await openWith(
      30,
      ErrorCode.Network,
    );
    expect(failed).toBe(30);
    expect(opening.error).toBeUndefined();
    expect(opening.info?.placements).toBe(40_000);
    expect(warnings[0]).toMatch(
      /^catalog\.ffc: placements of \d+ of \d+ slices did not come \(.*the line is dead.*\); they are asked for again after all others$/,
    );
    // Everything else was in before the last of the failures.
    const rest = progress.filter(({ failures }) => failures < 30).at(-1)!.placements;
    expect(rest).toBeGreaterThan(20_000);
    expect(rest).toBeLessThan(40_000);
    await simulation.settle();
    const shown = [...simulation.view.shown].sort((a, b) => a[0] - b[0]);
    expect(shown).toEqual(await expected);
    await simulation.streaming.dispose();
  });

  it('and can be waited for no longer: closing gives everything back', async () => {
    const simulation = simulate();
    const { source } = watched(world.files, ({ file, start, end }) => {
      if (file === 'catalog.ffc' && start <= third && end > third)
        throw new StreamError(ErrorCode.Network, 'the line is dead');
    });
    const opening = open(simulation, world.path, source);
    for (let frame = 0; frame < 1500; frame++) await simulation.step();
    expect(opening.isDone).toBe(false);
    simulation.streaming.close(world.path);
    await simulation.step();
    expect(opening.error).toMatchObject({ code: ErrorCode.Cancelled });
    expectNothingLeft(simulation);
    await simulation.streaming.dispose();
  });

  it('because it is not there ends the opening, and leaves nothing', async () => {
    const { simulation, opening } = await openWith(100, ErrorCode.NotFound);
    expect(opening.error?.message).toContain('the line is dead');
    await simulation.step();
    expectNothingLeft(simulation);
    const again = open(simulation);
    await drawUntilOpen(simulation, again);
    expect(again.info?.placements).toBe(40_000);
    await simulation.streaming.dispose();
  });
});

describe('a slice that comes damaged', () => {
  async function openDamaged(times: number) {
    const files = { ...world.files, 'catalog.ffc': world.files['catalog.ffc']!.slice() };
    const at = directoryBytes + sliceStarts[1]! + 99;
    files['catalog.ffc'][at]! ^= 16;
    let reads = 0;
    const { source } = watched(files, ({ start, end }) => {
      if (start <= at && at < end && reads++ === times) files['catalog.ffc'][at]! ^= 16;
    });
    const simulation = simulate();
    const opening = open(simulation, world.path, source);
    await drawUntilOpen(simulation, opening);
    return { simulation, opening };
  }

  it('on its way is read once more', async () => {
    const { simulation, opening } = await openDamaged(1);
    expect(opening.error).toBeUndefined();
    await simulation.settle();
    const shown = [...simulation.view.shown].sort((a, b) => a[0] - b[0]);
    expect(shown).toEqual(await expected);
    await simulation.streaming.dispose();
  });

  it('for good names the file, the slice and what to do, and leaves nothing', async () => {
    const { simulation, opening } = await openDamaged(-1);
    expect(opening.error?.message).toMatch(
      /^catalog\.ffc: damaged catalog: slice 1 has checksum .*; cook the world again$/,
    );
    await simulation.step();
    expectNothingLeft(simulation);
    await simulation.streaming.dispose();
  });

  it('in the directory is noticed too, after it was read once more', async () => {
    const files = { ...world.files, 'catalog.ffc': world.files['catalog.ffc']!.slice() };
    files['catalog.ffc'][directoryBytes - 200]! ^= 1;
    const { source, reads } = watched(files);
    const simulation = simulate();
    const opening = open(simulation, world.path, source);
    await drawUntilOpen(simulation, opening);
    expect(opening.error?.message).toMatch(/^catalog\.ffc: damaged catalog: section/);
    expect(reads).toHaveLength(2);
    expectNothingLeft(simulation);
    await simulation.streaming.dispose();
  });
});
