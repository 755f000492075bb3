/**
 * A whole game without a browser: bitECS world, plugin, manual clock, simulated link, a view that
 * keeps books. One seed repeats a run exactly.
 */
import { addComponent, addEntity, createWorld, set, type World } from 'bitecs';
import { createManualClock, type ManualClock } from '../../src/base/clock.ts';
import { createRandom } from '../../src/base/random.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { type SimulatedOptions, simulatedSource } from '../../src/io/sources/simulated.ts';
import type { SimulatedFaults } from '../../src/io/sources/simulated-faults.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import type { ShowChanges, View } from '../../src/memory/view.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { installStreaming, type Streaming } from '../../src/plugin.ts';
import type { SyntheticWorld } from './synthetic-world.ts';

/** Keeps what it was told, and objects to anything a real view could not do. */
export interface BookView extends View {
  uploaded: Set<number>;
  /** Slot → payload. */
  shown: Map<number, number>;
  problems: string[];
}

export function createBookView(): BookView {
  const uploaded = new Set<number>();
  const shown = new Map<number, number>();
  const problems: string[] = [];
  return {
    uploaded,
    shown,
    problems,
    upload(payload) {
      if (uploaded.has(payload)) problems.push(`payload ${payload} was uploaded twice`);
      uploaded.add(payload);
    },
    release(payload) {
      if (!uploaded.delete(payload)) problems.push(`payload ${payload} was released, not uploaded`);
      for (const [slot, other] of shown)
        if (other === payload) problems.push(`slot ${slot} shows released payload ${payload}`);
    },
    show(changes: ShowChanges) {
      for (let i = 0; i < changes.count; i++) apply(changes, i);
    },
    move(slots, payloads, count) {
      for (let i = 0; i < count; i++)
        if ((shown.get(slots[i]!) ?? -1) !== payloads[i]!)
          problems.push(`slot ${slots[i]} moved while showing another payload`);
    },
  };
  function apply(changes: ShowChanges, i: number): void {
    const [from, to] = [changes.from[i]!, changes.to[i]!];
    if (to >= 0 && !uploaded.has(to)) problems.push(`payload ${to} is shown, not uploaded`);
    for (let slot = changes.starts[i]!; slot < changes.ends[i]!; slot++) {
      if ((shown.get(slot) ?? -1) !== from)
        problems.push(`slot ${slot} shows ${shown.get(slot) ?? -1}, the change says ${from}`);
      if (to < 0) shown.delete(slot);
      else shown.set(slot, to);
    }
  }
}

export interface SimulationOptions {
  seed?: number;
  bandwidthBytesPerSecond?: number;
  latencySeconds?: number;
  faults?: SimulatedFaults;
  /** More of the link: timeouts, outages, a circuit breaker. */
  simulated?: (clock: ManualClock) => Partial<SimulatedOptions>;
  streaming?: StreamingOptions;
  /** Without a view nothing is uploaded: a server. */
  view?: BookView | null;
}

export interface Simulation {
  ecs: World;
  streaming: Streaming;
  clock: ManualClock;
  view: BookView;
  link: { bandwidthBytesPerSecond: number; latencySeconds: number };
  viewpoint: number;
  /** Puts the camera somewhere; yaw 0 looks down -z. */
  look(x: number, y: number, z: number, yawRadians: number): void;
  /** One frame, then time passes and everything that is due happens. */
  step(dtSeconds?: number): Promise<void>;
  /** Only the second half of it, after a frame that the test has made itself. */
  pass(dtSeconds?: number): Promise<void>;
  /** Frames until nothing is on its way (or `limit`); returns how many. */
  settle(limit?: number): Promise<number>;
}

/** Lets every promise chain run to its end. */
export async function drainMicrotasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

export function createSimulation(
  synthetic: SyntheticWorld,
  options: SimulationOptions = {},
): Simulation {
  const clock = createManualClock();
  const link = {
    bandwidthBytesPerSecond: options.bandwidthBytesPerSecond ?? 4e6,
    latencySeconds: options.latencySeconds ?? 0.04,
  };
  const source = simulatedSource(memorySource(synthetic.files), {
    clock,
    random: createRandom((options.seed ?? 1) * 7919),
    link,
    ...(options.faults && { faults: options.faults }),
    ...options.simulated?.(clock),
  });
  const ecs = createWorld();
  const streaming = installStreaming(ecs, {
    source,
    clock,
    decoder: createInlineDecoder(),
    seed: options.seed ?? 1,
    capacity: 4096,
    budgetBytes: Math.round(synthetic.residentBytes / 4),
    ...options.streaming,
  });
  const view = options.view ?? createBookView();
  if (options.view !== null) streaming.attachView(view, { beforeUpdate: () => undefined });
  const viewpoint = addEntity(ecs);
  const { Viewpoint } = streaming.components;
  addComponent(ecs, viewpoint, set(Viewpoint, { heightPixels: 720 }));
  const step = async (dtSeconds = 1 / 30): Promise<void> => {
    streaming.begin();
    streaming.update(dtSeconds);
    streaming.commit();
    await pass(dtSeconds);
  };
  const pass = async (dtSeconds = 1 / 30): Promise<void> => {
    await drainMicrotasks();
    clock.advance(dtSeconds * 1000);
    await drainMicrotasks();
  };
  return {
    ecs,
    streaming,
    clock,
    view,
    link,
    viewpoint,
    look(x, y, z, yawRadians) {
      Viewpoint.eye.set([x, y, z], viewpoint * 3);
      const half = yawRadians / 2;
      Viewpoint.orientation.set([0, Math.sin(half), 0, Math.cos(half)], viewpoint * 4);
    },
    step,
    pass,
    async settle(limit = 2000) {
      let quiet = 0;
      for (let frames = 0; frames < limit; frames++) {
        await step();
        const { payloadsPending, payloadsStaged } = streaming.stats();
        quiet = payloadsPending + payloadsStaged === 0 ? quiet + 1 : 0;
        // Demand is published ten times a second: three sweeps without a wish are the end.
        if (quiet > 12) return frames;
      }
      return limit;
    },
  };
}

/** Opens the synthetic world while time passes. */
export async function openSynthetic(
  simulation: Simulation,
  synthetic: SyntheticWorld,
): Promise<void> {
  let done = false;
  const opening = simulation.streaming.open(synthetic.path).finally(() => {
    done = true;
  });
  for (let i = 0; i < 10_000 && !done; i++) {
    await drainMicrotasks();
    simulation.clock.advance(10);
  }
  await opening;
}
