/**
 * The share of each system in a flight. The systems of the schedule are wrapped from here while it
 * lasts: the plugin itself measures nothing of the kind.
 */
import { AFFORD, GET, SHOW, type System, TELL, WANT } from '../../src/systems/schedule.ts';
import { round } from '../lib/stats.ts';

/** What one system took. */
export interface SystemShare {
  system: string;
  /** Mean over the frames. */
  microsecondsPerFrame: number;
  /** The most of any frame. */
  worstMicroseconds: number;
  sharePercent: number;
}

/** Flies `frames` frames with every system timed, and puts the systems back. */
export async function profileSystems(
  frames: number,
  step: (frame: number) => void,
  settle: () => Promise<void>,
): Promise<SystemShare[]> {
  const phases = [GET, WANT, AFFORD, SHOW, TELL] as System[][];
  const before = phases.map((systems) => [...systems]);
  const names = before.flat().map(({ name }) => name);
  const totals = new Float64Array(names.length);
  const current = new Float64Array(names.length);
  const worst = new Float64Array(names.length);
  let index = 0;
  for (const systems of phases)
    systems.forEach((system, i) => {
      const at = index++;
      systems[i] = (world) => {
        const start = performance.now();
        system(world);
        current[at] = performance.now() - start;
      };
    });
  try {
    for (let frame = 0; frame < frames; frame++) {
      step(frame);
      for (let i = 0; i < totals.length; i++) {
        totals[i] = totals[i]! + current[i]!;
        worst[i] = Math.max(worst[i]!, current[i]!);
      }
      await settle();
    }
  } finally {
    phases.forEach((systems, i) => {
      systems.splice(0, systems.length, ...before[i]!);
    });
  }
  const all = totals.reduce((sum, ms) => sum + ms, 0);
  return names.map((system, i) => ({
    system,
    microsecondsPerFrame: round((totals[i]! / frames) * 1000),
    worstMicroseconds: round(worst[i]! * 1000),
    sharePercent: round((totals[i]! / all) * 100, 3),
  }));
}
