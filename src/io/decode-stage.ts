/**
 * From bytes to content: hands fetched bytes to the decoder, knows how much is with it, and says
 * when fetching must wait. A ticket that is withdrawn meanwhile gets nothing; its content is freed.
 */
import { ErrorCode, reasonOf } from '../base/errors.ts';
import { closeContent } from './codecs/transfer.ts';
import type { DecodeResult, Decoder } from './decoder.ts';
import type { OpenTicket } from './fetch.ts';
import type { Bytes } from './source.ts';

/** Added to the priority of critical jobs, so that the decoder takes them first as well. */
const CRITICAL_BOOST = 1e12;

export interface DecodeLimits {
  maxPendingDecodes: number;
  maxUndecodedBytes: number;
}

export class DecodeStage {
  readonly #decoder: Decoder;
  readonly #limits: DecodeLimits;
  readonly #onDecoded: (open: OpenTicket, result: DecodeResult) => void;
  readonly #onEnd: () => void;
  #count = 0;
  #bytes = 0;

  /**
   * @param onDecoded the ticket's own result, good or bad; never for withdrawn tickets
   * @param onEnd after every job, when there may be room for another
   */
  constructor(
    decoder: Decoder,
    limits: DecodeLimits,
    onDecoded: (open: OpenTicket, result: DecodeResult) => void,
    onEnd: () => void,
  ) {
    this.#decoder = decoder;
    this.#limits = limits;
    this.#onDecoded = onDecoded;
    this.#onEnd = onEnd;
  }

  /** Backpressure: what has been fetched must be decoded before more is fetched. */
  get isClogged(): boolean {
    if (this.#count === 0) return false;
    const { maxPendingDecodes, maxUndecodedBytes } = this.#limits;
    return this.#decoder.pendingCount >= maxPendingDecodes || this.#bytes >= maxUndecodedBytes;
  }

  /** Encoded bytes that have not been decoded yet. */
  get undecodedBytes(): number {
    return this.#bytes;
  }

  reprioritize(open: OpenTicket): void {
    this.#decoder.reprioritize?.(open.ticket.payload, priorityOf(open));
  }

  withdraw(open: OpenTicket): void {
    this.#decoder.cancel(open.ticket.payload);
  }

  /** Takes the bytes away: the caller must not touch them afterwards. */
  async decode(open: OpenTicket, bytes: Bytes): Promise<void> {
    const { payload, kind, checksum, decodedBytes, label } = open.ticket;
    const size = bytes.length;
    const priority = priorityOf(open);
    this.#count++;
    this.#bytes += size;
    let result: DecodeResult;
    try {
      const job = { payload, kind, bytes, checksum, decodedBytes, priority, label };
      result = await this.#decoder.decode(job);
    } catch (error) {
      const message = `the decoder failed (${reasonOf(error)})`;
      result = { code: ErrorCode.Decode, message, content: null, decodeMs: 0 };
    }
    this.#count--;
    this.#bytes -= size;
    if (open.state === 'decoding') this.#onDecoded(open, result);
    else closeContent(result.content);
    this.#onEnd();
  }
}

function priorityOf({ ticket: { priority, critical } }: OpenTicket): number {
  return critical ? priority + CRITICAL_BOOST : priority;
}
