/**
 * The books of a run: what was asked, what came back, what is reserved. Finds whatever was lost,
 * answered twice, answered wrongly or left behind.
 */
import { ErrorCode, errorName } from '../../../src/base/errors.ts';
import { closeContent } from '../../../src/io/codecs/transfer.ts';
import type { IoEngine } from '../../../src/io/engine.ts';
import type { Completion, Ticket } from '../../../src/io/ticket.ts';
import { meshOf } from '../content.ts';
import type { Packs } from './packs.ts';

export interface Books {
  /** Bytes reserved by open tickets: content and encoded bytes of each. */
  readonly reservedBytes: number;
  readonly completions: readonly Completion[];
  /** A line for each completion: two runs are the same when these are. */
  readonly log: readonly string[];
  submit(ticket: Ticket): void;
  complete(completion: Completion, atMs: number): void;
  /** Everything that is not as it must be once the engine is settled. */
  findProblems(engine: IoEngine, activeReads: number): string[];
}

export function createBooks(packs: Packs): Books {
  const open = new Map<string, Ticket>();
  const completions: Completion[] = [];
  const problems: string[] = [];
  const log: string[] = [];
  let reservedBytes = 0;
  const nameOf = ({ payload, epoch }: { payload: number; epoch: number }): string =>
    `${payload}.${epoch}`;
  const costOf = ({ start, end, decodedBytes }: Ticket): number => end - start + decodedBytes;

  const checkContent = ({ payload, code, content, message }: Completion): void => {
    if (code !== ErrorCode.None) {
      if (content !== null) problems.push(`payload ${payload} failed with content`);
      if (!message.startsWith(`payload ${payload}: `) || message.length < 20)
        problems.push(`payload ${payload} failed with message ${JSON.stringify(message)}`);
      return;
    }
    const bytes = meshOf(content).images[0]?.encoded?.bytes;
    if (!bytes || Buffer.compare(bytes, packs.payloads[payload]!.content) !== 0)
      problems.push(`payload ${payload} came with other bytes than its own`);
    if (message !== '') problems.push(`payload ${payload} succeeded with message ${message}`);
  };

  return {
    get reservedBytes() {
      return reservedBytes;
    },
    completions,
    log,
    submit(ticket) {
      open.set(nameOf(ticket), ticket);
      reservedBytes += costOf(ticket);
    },
    complete(completion, atMs) {
      const { payload, code, message, fetchedBytes } = completion;
      log.push(`${atMs} ${nameOf(completion)} ${errorName(code)} ${fetchedBytes} ${message}`);
      completions.push(completion);
      const ticket = open.get(nameOf(completion));
      if (!ticket) {
        problems.push(`${nameOf(completion)} was completed twice, or never asked for`);
        return;
      }
      open.delete(nameOf(completion));
      reservedBytes -= costOf(ticket);
      checkContent({ ...completion, payload });
      closeContent(completion.content);
    },
    findProblems(engine, activeReads) {
      const found = [...problems];
      for (const name of open.keys()) found.push(`${name} was lost`);
      if (reservedBytes !== 0) found.push(`${reservedBytes} bytes are still reserved`);
      const { pendingCount, queuedCount, inFlightCount } = engine;
      for (const [what, count] of Object.entries({ pendingCount, queuedCount, inFlightCount }))
        if (count !== 0) found.push(`the engine's ${what} is ${count}`);
      const { undecodedBytes } = engine.stats();
      if (undecodedBytes !== 0) found.push(`the engine's undecodedBytes are ${undecodedBytes}`);
      if (activeReads !== 0) found.push(`${activeReads} reads of the source have not ended`);
      return found;
    },
  };
}

/** Watches for rejections that nobody handles. `stop` returns them. */
export function watchRejections(): { stop(): Promise<string[]> } {
  const found: string[] = [];
  const listener = (reason: unknown): void => {
    found.push(`unhandled rejection: ${reason instanceof Error ? reason.message : reason}`);
  };
  process.on('unhandledRejection', listener);
  return {
    async stop() {
      // Node tells of them after the microtasks of the turn in which they happen.
      await new Promise((resolve) => setImmediate(resolve));
      process.off('unhandledRejection', listener);
      return found;
    },
  };
}
