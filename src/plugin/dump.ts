/** Everything there is, as plain data, for a bug report. */
import { errorName } from '../base/errors.ts';
import { MAX_LODS } from '../base/limits.ts';
import { PayloadState, URGENCY_NAMES } from '../memory/payloads.ts';
import { POSE_STRIDE } from '../spatial/expected-error.ts';
import type { StreamWorld } from '../world.ts';
import { reportStats } from './report.ts';

const STATE_NAMES = Object.keys(PayloadState);

/** Whether the payload was a candidate of the last gathering, or is on its way. */
function isAsked({ payloads, candidates }: StreamWorld, payload: number): boolean {
  const { state, gathering } = payloads.columns;
  const isComing =
    state[payload] === PayloadState.Pending || state[payload] === PayloadState.Staged;
  const isGathered = candidates.gathering > 0 && gathering[payload] === candidates.gathering;
  return isComing || (state[payload] === PayloadState.Empty && isGathered);
}

/** What is planned for: predicted, fed and announced poses. */
function describePoses(world: StreamWorld): object[] {
  const { values, count } = world.score.poses;
  return Array.from({ length: count }, (_, pose) => {
    const at = pose * POSE_STRIDE;
    return {
      eye: Array.from(values.subarray(at, at + 3)),
      direction: Array.from(values.subarray(at + 3, at + 6)),
      weight: values[at + 6],
    };
  });
}

/** Everything a bug report needs, as plain data: figures, assets that stream, pending, failures. */
export function dumpState(world: StreamWorld): object {
  const { assets, payloads } = world;
  const rows = Array.from({ length: assets.count }, (_, row) => ({
    name: assets.names[row],
    class: URGENCY_NAMES[assets.classes[row]!],
    demand: Array.from(assets.buckets.subarray(row * MAX_LODS, row * MAX_LODS + MAX_LODS)),
    lods: Array.from({ length: assets.lodCounts[row]! }, (_, lod) => {
      const payload = assets.firstPayloads[row]! + lod;
      const c = payloads.columns;
      return {
        payload,
        state: STATE_NAMES[c.state[payload]!],
        // Of what nobody asks for there is no class.
        class: isAsked(world, payload) ? URGENCY_NAMES[c.urgency[payload]!] : null,
        priority: c.priority[payload],
        pins: c.pins[payload],
        residentBytes: c.residentBytes[payload],
        failures: c.failures[payload],
        error: errorName(c.error[payload]!),
      };
    }),
  }));
  return {
    stats: reportStats(world),
    opened: world.opened.map(({ name, path }) => ({ name, path })),
    eyes: Array.from(world.eyes.values.subarray(0, world.eyes.count * 4)),
    prediction: { horizonsSeconds: Array.from(world.prediction.horizonsSeconds) },
    poses: describePoses(world),
    pending: [...world.pending],
    staged: [...world.staged.keys()],
    assets: rows,
  };
}
