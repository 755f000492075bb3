/** This library's own engine, with its default settings, as a game has it. */
import { createSystemClock } from '../../../src/base/clock.ts';
import { ErrorCode } from '../../../src/base/errors.ts';
import { createRandom } from '../../../src/base/random.ts';
import type { PayloadKind } from '../../../src/io/content.ts';
import type { Decoder } from '../../../src/io/decoder.ts';
import { createIoEngine, type IoEngine } from '../../../src/io/engine.ts';
import { httpSource } from '../../../src/io/sources/http.ts';
import type { Ticket } from '../../../src/io/ticket.ts';
import { createWorkerPool } from '../../../src/io/worker/pool.ts';
import type { Loader, LoadTask } from './load.ts';
import type { PayloadRef } from './payload-ref.ts';
import type { Receipt } from './receipt.ts';

/** Bytes are checked and not decoded, as with the other systems: the network is what is measured. */
export const loadWithFarfield: Loader = async (task) => async (receipt) => {
  await loadAll(task, receipt, createChecker(task.payloads, receipt), () => undefined);
};

/** With its decode workers, warm, as in a game. */
export const loadAndDecode: Loader = async (task) => {
  const { workerUrl } = task;
  const pool = createWorkerPool(workerUrl === undefined ? {} : { workerUrl });
  await pool.warm();
  return (receipt) => loadAll(task, receipt, pool, (index) => receipt.acceptDecoded(index));
};

async function loadAll(
  { baseUrl, payloads }: LoadTask,
  receipt: Receipt,
  decoder: Decoder,
  onDone: (index: number) => void,
): Promise<void> {
  const { engine, failed } = openEngine(baseUrl, decoder, onDone);
  payloads.forEach((ref, index) => {
    engine.submit(ticketFor(ref, index, payloads.length - index, false));
  });
  await Promise.race([receipt.complete, engine.settled(), failed]);
  await engine.dispose();
  await decoder.dispose();
}

export interface OpenEngine {
  engine: IoEngine;
  /** Rejects at the first completion that is an error; does not resolve. */
  failed: Promise<never>;
}

/** @param onDone told the place of each payload that came in whole */
export function openEngine(
  baseUrl: string,
  decoder: Decoder,
  onDone: (index: number) => void,
): OpenEngine {
  let fail = (_: Error): void => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const engine = createIoEngine({
    sources: [httpSource(baseUrl)],
    decoder,
    clock: createSystemClock(),
    random: createRandom(1),
    // Drained at once: a frame in between would be counted as time of the network.
    mailbox: {
      push({ payload, code, message }) {
        if (code === ErrorCode.None) onDone(payload);
        else if (code !== ErrorCode.Cancelled) fail(new Error(`bench: ${message} (code ${code})`));
      },
      drain: () => 0,
      size: 0,
    },
  });
  return { engine, failed };
}

export function ticketFor(
  ref: PayloadRef,
  index: number,
  priority: number,
  critical: boolean,
): Ticket {
  const { kind, file, start, end, checksum, decodedBytes } = ref;
  return {
    payload: index,
    epoch: 1,
    kind: kind as PayloadKind,
    source: 0,
    file,
    start,
    end,
    checksum,
    decodedBytes,
    priority,
    critical,
    label: `payload ${ref.payload}`,
  };
}

/** A decoder that checks the bytes and makes nothing of them. */
export function createChecker(payloads: readonly PayloadRef[], receipt: Receipt): Decoder {
  return {
    decode({ payload, bytes }) {
      if (payload < payloads.length) receipt.accept(payload, bytes);
      return Promise.resolve({ code: ErrorCode.None, message: '', content: null, decodeMs: 0 });
    },
    cancel: () => false,
    pendingCount: 0,
    dispose: async () => undefined,
  };
}
