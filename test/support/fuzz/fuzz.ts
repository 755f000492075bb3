/** Damages the files of a subject again and again and judges what its reader does with them. */
import { createRandom } from '../../../src/base/random.ts';
import { mutate } from './mutate.ts';
import { type FuzzSubject, isRefusal } from './subject.ts';

/** No reader may take more for a case: the sound files are of a few KiB. */
export const MAX_CASE_BYTES: number = 48 * 1024 * 1024;

export interface FuzzCounts {
  cases: number;
  /** Cases that reach the parsers: checksums right again, or none there. */
  reached: number;
  /** Ended as an error of ours. */
  refused: number;
  /** Read without complaint. */
  read: number;
  /** Bytes of the case that took most. */
  mostBytes: number;
  /** What must not happen, with the case it happened in. */
  failures: string[];
}

export interface FuzzRun {
  cases: number;
  /** First case: `seed` and number alone decide what a case is. */
  first?: number;
  seed: number;
  /** Called before each case. */
  onCase?: (number: number) => void;
}

/** Never rejects for what a reader does: that is what `failures` is for. */
export async function fuzz(
  subject: FuzzSubject,
  { cases, first = 0, seed, onCase }: FuzzRun,
): Promise<FuzzCounts> {
  const counts: FuzzCounts = {
    cases,
    reached: 0,
    refused: 0,
    read: 0,
    mostBytes: 0,
    failures: [],
  };
  const sound: string[] = [];
  for (const [i, bytes] of subject.seeds.entries())
    sound.push(await subject.read(new Uint8Array(bytes), i, false));
  for (let number = first; number < first + cases; number++) {
    onCase?.(number);
    await runCase(subject, number, seed, sound, counts);
  }
  return counts;
}

async function runCase(
  subject: FuzzSubject,
  number: number,
  seed: number,
  sound: readonly string[],
  counts: FuzzCounts,
): Promise<void> {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) ^ number);
  const which = Math.floor(random() * subject.seeds.length);
  // More than half, because some of what is repaired comes out as it was.
  const isRepaired = subject.repair !== undefined && random() < 0.6;
  const mutant = mutate(subject.seeds[which]!, random);
  const bytes = isRepaired ? subject.repair!(mutant, which) : mutant;
  if (isRepaired || !subject.isGuarded) counts.reached++;
  const fail = (what: string): void => {
    counts.failures.push(`${subject.name}, case ${number} of seed ${seed}: ${what}`);
  };
  const before = process.memoryUsage().arrayBuffers;
  try {
    const seen = await subject.read(bytes, which, isRepaired);
    counts.read++;
    if (!isRepaired && subject.isGuarded && seen !== sound[which])
      fail('wrong data was accepted although its checksum is on');
  } catch (error) {
    counts.refused++;
    if (!isRefusal(error)) fail(`it threw ${error instanceof Error ? error.stack : String(error)}`);
  }
  const taken = process.memoryUsage().arrayBuffers - before;
  counts.mostBytes = Math.max(counts.mostBytes, taken);
  if (taken > MAX_CASE_BYTES) fail(`it took ${taken} bytes, expected at most ${MAX_CASE_BYTES}`);
}
