/** A device that loses what it held, or has no room: everything is released, asked for again and told. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from '../support/synthetic-world.ts';

const MIB = 1024 * 1024;

let synthetic: SyntheticWorld;

beforeAll(() => {
  synthetic = makeSyntheticWorld({
    placements: 400,
    assets: 30,
    extentMeters: 200,
    cellMeters: 25,
    finestBytes: 20_000,
    terrainDepth: 3,
  });
});

async function settled(): Promise<{ simulation: Simulation; told: object[] }> {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond: 50e6,
    streaming: { budgetBytes: 64 * MIB },
  });
  const told: object[] = [];
  simulation.streaming.on('deviceMemoryChanged', (event) => told.push(event));
  simulation.look(0, 2, 0, 0);
  await openSynthetic(simulation, synthetic);
  await simulation.settle();
  return { simulation, told };
}

async function stepChecked({ step, streaming, view }: Simulation, frames: number): Promise<void> {
  for (let frame = 0; frame < frames; frame++) {
    await step();
    streaming.checkInvariants();
    expect(view.problems).toEqual([]);
  }
}

describe('a lost device', () => {
  it('is given up, gets nothing until it is back, and then shows what it did', async () => {
    const { simulation, told } = await settled();
    const { streaming, view } = simulation;
    const before = streaming.stats();
    const shown = new Map(view.shown);
    expect(shown.size).toBeGreaterThan(100);
    streaming.onDeviceMemory({ kind: 'lost', bytes: before.usedBytes });
    await stepChecked(simulation, 60);
    expect([view.uploaded.size, view.shown.size]).toEqual([0, 0]);
    expect(streaming.budgetBytes).toBe(48 * MIB);
    streaming.onDeviceMemory({ kind: 'restored', bytes: 0 });
    await stepChecked(simulation, 10);
    await simulation.settle();
    expect(new Map([...view.shown].sort((a, b) => a[0] - b[0]))).toEqual(
      new Map([...shown].sort((a, b) => a[0] - b[0])),
    );
    expect(told).toEqual([
      { kind: 'lost', bytes: before.usedBytes, budgetBytes: 48 * MIB },
      { kind: 'restored', bytes: 0, budgetBytes: 48 * MIB },
    ]);
    await streaming.dispose();
    expect(streaming.stats().usedBytes).toBe(0);
  });

  it('keeps what does not fit it any more within the lowered budget', async () => {
    const { simulation, told } = await settled();
    const { streaming } = simulation;
    for (let i = 0; i < 5; i++) {
      streaming.onDeviceMemory({ kind: 'outOfMemory', bytes: MIB });
      await stepChecked(simulation, 3);
    }
    // Three quarters each time, down to 32 MiB and no further.
    expect(told.map((event) => (event as { budgetBytes: number }).budgetBytes / MIB)).toEqual([
      48, 36, 32, 32, 32,
    ]);
    expect(simulation.view.uploaded.size).toBeGreaterThan(0);
    await streaming.dispose();
  });
});
