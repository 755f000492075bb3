/** A critical payload posted behind a long queue: when does it arrive? */
import { createChecker, openEngine, ticketFor } from './farfield.ts';
import type { PayloadRef } from './payload-ref.ts';
import { createReceipt } from './receipt.ts';

export interface CriticalTask {
  baseUrl: string;
  /** Posted first, all at once. */
  queued: PayloadRef[];
  /** Posted `afterMs` later. */
  critical: PayloadRef;
  afterMs: number;
}

export interface CriticalOutcome {
  /** From posting to arrival. */
  milliseconds: number;
  /** When it was posted (milliseconds since 1970). */
  postedMs: number;
  /** Queued payloads that had arrived by then: not all, or there was no queue. */
  arrivedBefore: number;
  problems: string[];
}

export async function loadCritical(task: CriticalTask): Promise<CriticalOutcome> {
  const { baseUrl, queued, critical, afterMs } = task;
  const payloads = [...queued, critical];
  const receipt = createReceipt(payloads);
  const index = queued.length;
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const { engine, failed } = openEngine(baseUrl, createChecker(payloads, receipt), (payload) => {
    if (payload === index) arrive();
  });
  queued.forEach((ref, i) => {
    engine.submit(ticketFor(ref, i, queued.length - i, false));
  });
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const arrivedBefore = receipt.arrivalsMs.filter((ms) => ms >= 0).length;
  const start = performance.now();
  engine.submit(ticketFor(critical, index, 1, true));
  await Promise.race([arrived, failed]);
  const milliseconds = performance.now() - start;
  await engine.dispose();
  return {
    milliseconds,
    postedMs: performance.timeOrigin + start,
    arrivedBefore,
    problems: receipt.problems,
  };
}
