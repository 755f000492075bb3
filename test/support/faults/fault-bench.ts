/** An engine on a clock that jumps, with its sources watched and its books kept. */
import type { Random } from '../../../src/base/random.ts';
import type { DecodeResult, Decoder } from '../../../src/io/decoder.ts';
import { createIoEngine, type IoEngine } from '../../../src/io/engine.ts';
import type { IoOptions } from '../../../src/io/engine-options.ts';
import { createMailbox } from '../../../src/io/mailbox.ts';
import type { Source } from '../../../src/io/source.ts';
import type { Completion, Ticket } from '../../../src/io/ticket.ts';
import { createInlineDecoder } from '../../../src/io/worker/inline-decoder.ts';
import { type Books, createBooks } from './checker.ts';
import { createEventClock, type EventClock } from './event-clock.ts';
import { contentOf, type Packs, SHAPE_OPTIONS } from './packs.ts';

export interface BenchSetup {
  packs: Packs;
  random: Random;
  makeSource: (clock: EventClock) => Source;
  options?: IoOptions;
  /** Spoils the decoder, e.g. by crashes. */
  wrapDecoder?: (decoder: Decoder) => Decoder;
  /** Spoils the engine's way up: returns the completions that get through. For negative controls. */
  spoilMailbox?: (completion: Completion) => Completion[];
}

export interface FaultBench {
  readonly clock: EventClock;
  readonly engine: IoEngine;
  readonly books: Books;
  submit(ticket: Ticket): void;
  /** Lets time pass, timer by timer, completions taken as they come. */
  pass(milliseconds: number): Promise<void>;
  /** Until the engine is settled, or nothing is left that could settle it. */
  settle(): Promise<void>;
  findProblems(): string[];
}

/** Lets everything that is due in microtasks happen. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** No run has this many timers: it goes in circles. */
const MAX_STEPS = 200_000;

export function createFaultBench(setup: BenchSetup): FaultBench {
  const { packs, random, options, wrapDecoder = (same) => same } = setup;
  const { spoilMailbox = (completion) => [completion] } = setup;
  const clock = createEventClock();
  const books = createBooks(packs);
  const mailbox = createMailbox();
  const { source, active } = watchReads(setup.makeSource(clock));
  const decoder = wrapDecoder(createInlineDecoder({ decodeMesh: contentOf }));
  const engine = createIoEngine({
    sources: [source],
    decoder,
    clock,
    random,
    mailbox: {
      ...mailbox,
      push: (completion) => spoilMailbox(completion).forEach(mailbox.push),
    },
    options: { ...SHAPE_OPTIONS, ...options },
  });
  const between = async (): Promise<void> => {
    await breathe();
    mailbox.drain((completion) => books.complete(completion, clock.now()));
  };
  return {
    clock,
    engine,
    books,
    submit(ticket) {
      books.submit(ticket);
      engine.submit(ticket);
    },
    async pass(milliseconds) {
      await between();
      await clock.pass(milliseconds, between);
    },
    async settle() {
      let isSettled = false;
      void engine.settled().then(() => {
        isSettled = true;
      });
      await between();
      for (let steps = 0; !isSettled && steps < MAX_STEPS && clock.step(); steps++) await between();
      await between();
    },
    findProblems: () => books.findProblems(engine, active()),
  };
}

function watchReads(inner: Source): { source: Source; active: () => number } {
  let active = 0;
  const source: Source = {
    ...inner,
    name: inner.name,
    async readParts(...args) {
      active++;
      try {
        return await inner.readParts!(...args);
      } finally {
        active--;
      }
    },
  };
  return { source, active: () => active };
}

/** What crashes of a worker look like from outside: the pool repeats a job once, then gives it up. */
export interface Crashes {
  /** Whether the worker dies of this job, this time. */
  isFatal: (payload: number) => boolean;
  count: number;
}

export function crashingDecoder(
  inner: Decoder,
  crashes: Crashes,
  code: DecodeResult['code'],
): Decoder {
  return {
    get pendingCount() {
      return inner.pendingCount;
    },
    decode(job) {
      let deaths = 0;
      while (deaths < 2 && crashes.isFatal(job.payload)) deaths++;
      crashes.count += deaths;
      if (deaths < 2) return inner.decode(job);
      const message = `the worker died twice while decoding ${job.label}`;
      return Promise.resolve({ code, message, content: null, decodeMs: 0 });
    },
    cancel: (payload) => inner.cancel(payload),
    dispose: () => inner.dispose(),
  };
}
