/** What goes down to the I/O engine and what comes back: plain records, no promises. */
import type { ErrorCode } from '../base/errors.ts';
import type { PayloadContent } from './content.ts';

/** A request for one payload, its memory already reserved. */
export interface Ticket {
  /** Payload index, unique among open requests. */
  payload: number;
  /** Returned with the completion; a completion of another epoch is stale and dropped. */
  epoch: number;
  /** `PayloadKind`, or one of the game's own. */
  kind: number;
  source: number;
  file: string;
  /** Byte range `[start, end)` of `file`. */
  start: number;
  end: number;
  /** CRC-32 that the bytes must have. */
  checksum: number;
  /** Bytes that the decoded content may take, from the manifest; more is a damaged file. */
  decodedBytes: number;
  /** Worth per unit of link time; may change while queued. */
  priority: number;
  /** Critical tickets go before all others, whatever their priority. */
  critical: boolean;
  /** Tickets of one group lie near each other and are read in one go, gaps included. */
  group?: number;
  /** For messages: e.g. `tree-oak LOD 2`. */
  label: string;
}

/** How a ticket ended. Exactly one per submitted ticket. */
export interface Completion {
  payload: number;
  epoch: number;
  code: ErrorCode;
  /** Empty on success; else what was seen, what was expected, and of which payload. */
  message: string;
  content: PayloadContent | null;
  /** Bytes read from the source for this ticket, retries included. */
  fetchedBytes: number;
  /** Milliseconds from the (last) request to its last byte. */
  fetchMs: number;
  /** Milliseconds of a worker. */
  decodeMs: number;
}
