/**
 * What opening a world costs: how long it takes, and the longest it holds the event loop. Turns end
 * by the clock, so that no two openings are cut alike. One is therefore played back: a clock that
 * gives the times of the quickest opening again makes all others do the same between two pauses, and
 * the least time of each slice is that of its work, without the machine's noise.
 */
import { createManualClock, type ManualClock } from '../../src/base/clock.ts';

/** Openings in real time, of which the quickest is played back, and how often that is. */
export const OPENING_DEFAULTS = { takes: 3, replays: 8 } as const;

/** What the clock said in the course of an opening. */
interface Tape {
  /** Time since the last turn of the event loop at every look at the clock (ms). */
  looks: number[];
  /** Length of every turn of the event loop (ms). */
  turns: number[];
}

export interface OpeningFigures {
  openMs: number;
  openMaxSliceMs: number;
  bytesPerPlacement: number;
}

/** What is opened and measured: made on the clock it is given, and taken down afterwards. */
export interface OpeningSubject {
  open(): Promise<object>;
  bytesPerPlacement(): number;
  dispose(): Promise<void>;
}

interface TapeClock extends ManualClock {
  /** Fires the timers of the turn of the event loop that is over. */
  turn(): void;
}

/** Time that passes by itself, written to the tape. */
function createRecorder(tape: Tape): TapeClock {
  const manual = createManualClock();
  let lastMs = performance.now();
  const look = (): number => {
    const sinceMs = performance.now() - lastMs;
    tape.looks.push(sinceMs);
    return sinceMs;
  };
  return {
    ...manual,
    now: () => manual.now() + look(),
    after: (delayMs, callback) => manual.after(delayMs + look(), callback),
    turn() {
      const now = performance.now();
      tape.turns.push(now - lastMs);
      lastMs = now;
      manual.advance(tape.turns.at(-1)!);
    },
  };
}

/** Time as it was when the tape was written. */
function createPlayer(tape: Tape): TapeClock {
  const manual = createManualClock();
  let looks = 0;
  let turns = 0;
  const look = (): number => {
    const sinceMs = tape.looks[looks++];
    if (sinceMs === undefined) throw new Error('bench: two openings of one world differ');
    return sinceMs;
  };
  return {
    ...manual,
    now: () => manual.now() + look(),
    after: (delayMs, callback) => manual.after(delayMs + look(), callback),
    turn: () => manual.advance(tape.turns[turns++] ?? 0),
  };
}

interface Opened {
  openMs: number;
  /** How long each turn of the event loop took (ms): see `openOnce`. */
  slices: number[];
}

/** CPU of all threads of this process since it began (ms). */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Opens once. A slice is the lesser of the time that passed and the CPU of the process: neither is
 * less than the CPU that the thread itself took, the first counts what others ran meanwhile, the
 * second what helpers ran beside it.
 */
async function openOnce(clock: TapeClock, subject: OpeningSubject): Promise<Opened> {
  const slices: number[] = [];
  let openMs = 0;
  let isOpen = false;
  globalThis.gc?.();
  let lastCpuMs = cpuMs();
  let lastMs = performance.now();
  const opening = subject.open().finally(() => {
    isOpen = true;
  });
  // Awaited below; a rejection is not unhandled meanwhile.
  opening.catch(() => undefined);
  while (!isOpen) {
    await new Promise((resolve) => setImmediate(resolve));
    const tookMs = performance.now() - lastMs;
    slices.push(Math.min(tookMs, cpuMs() - lastCpuMs));
    openMs += tookMs;
    clock.turn();
    lastCpuMs = cpuMs();
    lastMs = performance.now();
  }
  await opening;
  return { openMs, slices };
}

export async function measureOpening(
  create: (clock: ManualClock) => OpeningSubject,
  { takes, replays }: { takes: number; replays: number } = OPENING_DEFAULTS,
): Promise<OpeningFigures> {
  let openMs = Number.POSITIVE_INFINITY;
  let best: Tape = { looks: [], turns: [] };
  let bytesPerPlacement = 0;
  for (let take = 0; take < takes; take++) {
    const tape: Tape = { looks: [], turns: [] };
    const clock = createRecorder(tape);
    const subject = create(clock);
    const opened = await openOnce(clock, subject);
    bytesPerPlacement = subject.bytesPerPlacement();
    await subject.dispose();
    if (opened.openMs >= openMs) continue;
    openMs = opened.openMs;
    best = tape;
  }
  const least: number[] = new Array(best.turns.length).fill(Number.POSITIVE_INFINITY);
  for (let replay = 0; replay < replays; replay++) {
    const clock = createPlayer(best);
    const subject = create(clock);
    const { slices } = await openOnce(clock, subject);
    await subject.dispose();
    if (slices.length !== least.length)
      throw new Error(
        `bench: two openings of one world differ: ${slices.length} slices, ${least.length} before`,
      );
    slices.forEach((slice, i) => {
      least[i] = Math.min(least[i]!, slice);
    });
  }
  return { openMs, openMaxSliceMs: Math.max(...least), bytesPerPlacement };
}
