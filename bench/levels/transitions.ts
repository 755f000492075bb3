/**
 * How many transitions of levels a second the frames can take: all levels are wanted at once, then none,
 * over and over, at 60 frames a second of virtual time; and how often their part of a frame was more than
 * the slice it is given.
 */
import { addComponent, addEntity, set } from 'bitecs';
import { LEVEL_DEFAULTS } from '../../src/level/level-options.ts';
import { advanceLevels } from '../../src/systems/advance-levels.ts';
import type { SyntheticWorld } from '../../test/support/synthetic-world.ts';
import { createCpuMeter } from '../lib/cpu.ts';
import { percentile, round } from '../lib/stats.ts';
import { centerOf, nameOf, openLevelWorld, replaceSystem } from './world.ts';

export interface TransitionRun {
  transitions: number;
  frames: number;
  transitionsPerS: number;
  /** Main-thread milliseconds that levels may take of a frame. */
  sliceMs: number;
  overSliceFrames: number;
  /** Main-thread milliseconds of levels, of the worst frame and of one in a hundred. */
  worstMs: number;
  p99Ms: number;
}

const FRAMES_PER_SECOND = 60;
/** Frames in which a wave must be through. */
const MAX_WAVE_FRAMES = 4000;

export async function measureTransitions(
  world: SyntheticWorld,
  levels: number,
  waves: number,
): Promise<TransitionRun> {
  const simulation = await openLevelWorld(world, levels + 64);
  const { streaming, ecs } = simulation;
  for (let level = 0; level < levels; level++) {
    const data = { level: nameOf(level), center: centerOf(level, levels), layer: 'all' };
    const { StreamingVolume } = streaming.components;
    addComponent(ecs, addEntity(ecs), set(StreamingVolume, { ...data, loadDistance: 1e5 }));
  }
  let transitions = 0;
  const counts = new Map<string, number>();
  streaming.on('levelStateChanged', ({ from, to }) => {
    transitions++;
    counts.set(from, (counts.get(from) ?? levels) - 1);
    counts.set(to, (counts.get(to) ?? 0) + 1);
  });
  const meter = createCpuMeter();
  const spent: number[] = [];
  const giveBack = replaceSystem(advanceLevels, (one) => {
    meter.start();
    advanceLevels(one);
    spent.push(meter.stop());
  });
  const wave = async (isOn: boolean): Promise<void> => {
    streaming.setDataLayer('all', isOn);
    const goal = isOn ? 'active' : 'unloaded';
    for (let frame = 0; frame < MAX_WAVE_FRAMES; frame++) {
      await simulation.step(1 / FRAMES_PER_SECOND);
      if (counts.get(goal) === levels) return;
    }
    throw new Error(`bench: after ${MAX_WAVE_FRAMES} frames not all levels are ${goal}`);
  };
  await wave(true);
  await wave(false);
  transitions = 0;
  spent.length = 0;
  for (let i = 0; i < waves; i++) {
    await wave(true);
    await wave(false);
  }
  giveBack();
  await streaming.dispose();
  const sliceMs = LEVEL_DEFAULTS.msPerFrame;
  return {
    transitions,
    frames: spent.length,
    transitionsPerS: round((transitions * FRAMES_PER_SECOND) / spent.length),
    sliceMs,
    overSliceFrames: spent.filter((ms) => ms > sliceMs).length,
    worstMs: round(Math.max(...spent)),
    p99Ms: round(percentile(spent, 0.99)),
  };
}
