/**
 * The same payloads from devices and links that are not at hand: simulated sources on the manual
 * clock, with the merging that the engine derives and without any. Nothing here depends on how busy
 * the machine is; the same seed gives the same figures.
 */
import { createManualClock } from '../../src/base/clock.ts';
import { ErrorCode } from '../../src/base/errors.ts';
import { createRandom } from '../../src/base/random.ts';
import { createIoEngine } from '../../src/io/engine.ts';
import type { IoOptions } from '../../src/io/engine-options.ts';
import type { Bytes } from '../../src/io/source.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { simulatedSource } from '../../src/io/sources/simulated.ts';
import {
  SIMULATED_PROFILES,
  type SimulatedLink,
  type SimulatedProfile,
} from '../../src/io/sources/simulated-profiles.ts';
import { round } from '../lib/stats.ts';
import { createChecker, ticketFor } from './client/farfield.ts';
import { type PayloadRef, totalBytes } from './client/payload-ref.ts';
import { createReceipt } from './client/receipt.ts';

/** One row of the report: one profile, with or without merging. */
export interface ProfileRun {
  profile: SimulatedProfile;
  system: 'farfield' | 'farfield, no merging';
  payloads: number;
  /** Simulated time. */
  milliseconds: number;
  /** Bytes by bandwidth, one latency and one seek. */
  boundMs: number;
  ratioToBound: number;
  requests: number;
  bytesFetched: number;
  /** Times that the head of the disk was moved. */
  seeks: number;
}

const NO_MERGING: IoOptions = { mergeGapBytes: 0, mergeMaxBytes: 0 };

/** Time goes on in this many steps per bound. */
const STEPS = 4000;
/** What takes longer than this many bounds does not end. */
const MAX_BOUNDS = 200;

export async function measureProfiles(
  files: Record<string, Bytes>,
  payloads: readonly PayloadRef[],
  profiles: readonly SimulatedProfile[] = Object.keys(SIMULATED_PROFILES) as SimulatedProfile[],
): Promise<ProfileRun[]> {
  const runs: ProfileRun[] = [];
  for (const profile of profiles)
    for (const [system, options] of [
      ['farfield', {}],
      ['farfield, no merging', NO_MERGING],
    ] as const) {
      const link = SIMULATED_PROFILES[profile];
      const figures = await simulate(files, payloads, link, options);
      runs.push({ profile, system, payloads: payloads.length, ...figures });
    }
  return runs;
}

async function simulate(
  files: Record<string, Bytes>,
  payloads: readonly PayloadRef[],
  link: Readonly<SimulatedLink>,
  options: IoOptions,
): Promise<Omit<ProfileRun, 'profile' | 'system' | 'payloads'>> {
  const clock = createManualClock();
  const inner = memorySource(files);
  let requests = 0;
  const source = simulatedSource(inner, { clock, random: createRandom(1), link });
  const counted = {
    ...source,
    readParts: (...read: Parameters<NonNullable<typeof source.readParts>>) => {
      requests++;
      return source.readParts!(...read);
    },
  };
  const receipt = createReceipt(payloads);
  let milliseconds = 0;
  let failure = '';
  const engine = createIoEngine({
    sources: [counted],
    decoder: createChecker(payloads, receipt),
    clock,
    random: createRandom(1),
    options,
    mailbox: {
      push({ code, message }) {
        milliseconds = clock.now();
        if (code !== ErrorCode.None) failure = message;
      },
      drain: () => 0,
      size: 0,
    },
  });
  const { bandwidthBytesPerSecond, latencySeconds, seekSeconds = 0 } = link;
  const boundMs =
    (totalBytes(payloads) / bandwidthBytesPerSecond + latencySeconds + seekSeconds) * 1000;
  payloads.forEach((ref, index) => {
    engine.submit(ticketFor(ref, index, payloads.length - index, false));
  });
  for (let step = 0; step < STEPS * MAX_BOUNDS && engine.pendingCount > 0; step++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(boundMs / STEPS);
  }
  const missing = receipt.arrivalsMs.filter((ms) => ms < 0).length;
  const problem = failure || receipt.problems[0] || (missing > 0 ? `${missing} did not come` : '');
  if (problem) throw new Error(`bench: the simulated load failed: ${problem}`);
  const { fetchedBytes } = engine;
  await engine.dispose();
  return {
    milliseconds: round(milliseconds),
    boundMs: round(boundMs),
    ratioToBound: round(milliseconds / boundMs),
    requests,
    bytesFetched: fetchedBytes,
    seeks: source.seekCount,
  };
}
