/** What is on its way follows today's demand; what nobody wants any more is withdrawn. */
import { MAX_LODS } from '../base/limits.ts';
import { UrgencyClass } from '../memory/payloads.ts';
import type { Places } from '../memory/places.ts';
import type { StreamWorld } from '../world.ts';
import { keptGain } from './coverage.ts';
import { isPinned } from './holds.ts';
import { withdrawPayload } from './payload-lifecycle.ts';
import { priceOf } from './price.ts';
import { gainOfLod } from './scorers/value.ts';

/** @param scores of assets' LODs, five a row; null = ordered by value */
export function reprioritizePending(world: StreamWorld, scores: Float64Array | null): void {
  const { columns } = world.payloads;
  for (const payload of world.pending) {
    if (isFixed(world, payload)) continue;
    const owner = columns.owner[payload]!;
    const worth =
      owner < 0 ? tileGain(world, -1 - owner) : gainOfLod(world, owner, columns.lod[payload]!);
    const gain = columns.kept[payload] ? Math.max(worth, keptGain(world)) : worth;
    const score =
      scores && owner >= 0
        ? scores[owner * MAX_LODS + columns.lod[payload]!]!
        : (gain / priceOf(world, payload)) * columns.boost[payload]!;
    if (score <= 0) {
      withdrawPayload(world, payload);
      continue;
    }
    columns.gain[payload] = gain;
    setPriority(world, payload, score);
  }
}

/** Puts terrain tiles on their way where they belong among assets ordered by a scorer. */
export function placePendingTiles(world: StreamWorld, places: Places): void {
  const { owner, gain } = world.payloads.columns;
  for (const payload of world.pending)
    if (owner[payload]! < 0 && !isFixed(world, payload))
      setPriority(world, payload, places.scoreOf(gain[payload]! / priceOf(world, payload)));
}

/** Asked for whatever it is worth. */
function isFixed(world: StreamWorld, payload: number): boolean {
  const { urgency } = world.payloads.columns;
  return isPinned(world, payload) || urgency[payload] === UrgencyClass.Critical;
}

function tileGain({ terrain, sweep }: StreamWorld, node: number): number {
  const isWanted = terrain.sweeps[node] === sweep.number || sweep.running;
  return isWanted ? terrain.worths[node]! : 0;
}

function setPriority(world: StreamWorld, payload: number, priority: number): void {
  world.payloads.columns.priority[payload] = priority;
  world.io.reprioritize(payload, priority, false);
}
