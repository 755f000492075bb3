/**
 * The payload table: one row per payload of every opened world, and where each stands between
 * "on the server" and "on the GPU". Rows are shared: ten thousand placements of a tree are one row.
 *
 *     Empty → Pending (reserved, with io) → Staged (decoded) → Resident → Empty
 *                 ↘ Failed (retried later) ↙
 */
import { ErrorCode } from '../base/errors.ts';
import { reserveBytesOf, residentBytesOf } from '../base/payload-cost.ts';
import type { Pool } from './budget.ts';

export const PayloadState = { Empty: 0, Pending: 1, Staged: 2, Resident: 3, Failed: 4 } as const;
export type PayloadState = (typeof PayloadState)[keyof typeof PayloadState];

/** Urgency classes people see; the number behind them is the priority. */
export const UrgencyClass = { Critical: 0, High: 1, Normal: 2, Prefetch: 3, Low: 4 } as const;
export type UrgencyClass = (typeof UrgencyClass)[keyof typeof UrgencyClass];
export const URGENCY_NAMES: readonly string[] = ['critical', 'high', 'normal', 'prefetch', 'low'];

/** Columns of the table, replaced by larger ones when worlds open. */
export interface PayloadColumns {
  state: Uint8Array;
  pool: Uint8Array;
  kind: Uint8Array;
  /** Asset index, or `-1 - node` for a terrain node. */
  owner: Int32Array;
  lod: Uint8Array;
  encodedBytes: Float64Array;
  /** Largest total of all copies alive at one time between request and upload. */
  reserveBytes: Float64Array;
  /** CPU and GPU copies once shown. */
  residentBytes: Float64Array;
  decodedBytes: Float64Array;
  decodeMs: Float64Array;
  checksum: Float64Array;
  file: Int32Array;
  offset: Float64Array;
  /** Raised whenever the row starts anew; completions of older epochs are dropped. */
  epoch: Uint32Array;
  /** Holders that forbid eviction. */
  pins: Uint16Array;
  failures: Uint8Array;
  error: Uint8Array;
  /** Clock time (ms) before which a failed row is not asked for again. */
  retryAtMs: Float64Array;
  /** This sweep's worth per unit of link time; 0 = nobody wants it. */
  priority: Float64Array;
  /** Expected visible error that loading it would remove. */
  gain: Float64Array;
  urgency: Uint8Array;
  lastUsedFrame: Uint32Array;
  /** Frame in which it became resident. */
  settledFrame: Uint32Array;
  /** Gathering of candidates that last proposed the row, and its place among them. */
  gathering: Uint32Array;
  candidate: Uint32Array;
}

type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

const TYPES: Record<keyof PayloadColumns, new (length: number) => ColumnArray> = {
  state: Uint8Array,
  pool: Uint8Array,
  kind: Uint8Array,
  owner: Int32Array,
  lod: Uint8Array,
  encodedBytes: Float64Array,
  reserveBytes: Float64Array,
  residentBytes: Float64Array,
  decodedBytes: Float64Array,
  decodeMs: Float64Array,
  checksum: Float64Array,
  file: Int32Array,
  offset: Float64Array,
  epoch: Uint32Array,
  pins: Uint16Array,
  failures: Uint8Array,
  error: Uint8Array,
  retryAtMs: Float64Array,
  priority: Float64Array,
  gain: Float64Array,
  urgency: Uint8Array,
  lastUsedFrame: Uint32Array,
  settledFrame: Uint32Array,
  gathering: Uint32Array,
  candidate: Uint32Array,
};

/** What the manifest says of a payload. */
export interface PayloadFacts {
  kind: number;
  pool: Pool;
  owner: number;
  lod: number;
  encodedBytes: number;
  geometryBytes: number;
  imageBytes: number;
  textureBytes: number;
  decodeMs: number;
  checksum: number;
  /** Index into the world's list of files. */
  file: number;
  offset: number;
}

export class PayloadTable {
  columns: PayloadColumns = makeColumns(0);
  #count = 0;
  #epoch = 0;

  /** A number no row has carried before: an answer to an earlier one is recognized as stale. */
  nextEpoch(): number {
    return ++this.#epoch;
  }

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return Object.values(this.columns).reduce((sum, column) => sum + column.byteLength, 0);
  }

  /** Makes room for `count` more rows and returns the first. Replaces `columns`. */
  append(count: number): number {
    const first = this.#count;
    const grown = makeColumns(first + count);
    for (const key of Object.keys(TYPES) as (keyof PayloadColumns)[])
      grown[key].set(this.columns[key].subarray(0, first) as never);
    this.columns = grown;
    this.#count = first + count;
    return first;
  }

  /** Drops all rows from `first` on; their bytes must have been released before. */
  truncate(first: number): void {
    this.#count = first;
  }

  fill(row: number, facts: PayloadFacts): void {
    const c = this.columns;
    const { encodedBytes, geometryBytes, imageBytes, textureBytes } = facts;
    c.state[row] = PayloadState.Empty;
    c.kind[row] = facts.kind;
    c.pool[row] = facts.pool;
    c.owner[row] = facts.owner;
    c.lod[row] = facts.lod;
    c.encodedBytes[row] = encodedBytes;
    c.decodedBytes[row] = geometryBytes + imageBytes;
    c.reserveBytes[row] = reserveBytesOf(encodedBytes, geometryBytes, imageBytes, textureBytes);
    c.residentBytes[row] = residentBytesOf(geometryBytes, textureBytes);
    c.decodeMs[row] = facts.decodeMs;
    c.checksum[row] = facts.checksum;
    c.file[row] = facts.file;
    c.offset[row] = facts.offset;
    c.error[row] = ErrorCode.None;
    c.failures[row] = 0;
    c.pins[row] = 0;
    c.priority[row] = 0;
    c.gain[row] = 0;
    c.urgency[row] = UrgencyClass.Low;
  }
}

function makeColumns(length: number): PayloadColumns {
  const entries = Object.entries(TYPES).map(([key, type]) => [key, new type(length)]);
  return Object.fromEntries(entries) as PayloadColumns;
}
