/**
 * The payload table: one row per payload of every opened world, and where each stands between
 * "on the server" and "on the GPU". Rows are shared: ten thousand placements of a tree are one row.
 *
 *     Empty → Pending (reserved, with io) → Staged (decoded) → Resident → Empty
 *                 ↘ Failed (retried later) ↙
 */
import { ErrorCode } from '../base/errors.ts';
import { grown } from '../base/grown.ts';
import { reserveBytesOf, residentBytesOf } from '../base/payload-cost.ts';
import { sortSteps } from '../base/sort-steps.ts';
import type { Charge } from './budget/charge.ts';
import { Pool } from './budget/pools.ts';

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
  /** How much of both is textures that count to their own pool. */
  textureBytes: Float64Array;
  /** Geometry that shared buffers of the GPU take in beside that; they are paid for as a whole. */
  sharedBytes: Float64Array;
  decodedBytes: Float64Array;
  geometryBytes: Float64Array;
  decodeMs: Float64Array;
  checksum: Float64Array;
  file: Int32Array;
  offset: Float64Array;
  /** Raised whenever the row starts anew; completions of older epochs are dropped. */
  epoch: Uint32Array;
  /** Holders that forbid eviction. */
  pins: Uint16Array;
  /** 1 where one of them only keeps what is there: it asks for nothing. */
  kept: Uint16Array;
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
  /** 1 where quality says that it casts no shadow. */
  shadowless: Uint8Array;
  /** Clock time (ms) at which it was last asked for. */
  requestedMs: Float64Array;
  /** Clock time (ms) at which it was last evicted. */
  evictedMs: Float64Array;
  /** Place of the row among all of its files, by file and offset: neighbors share a read. */
  rank: Uint32Array;
  /** 1 when something in view would look better with it; as of the last gathering. */
  onScreen: Uint8Array;
  /** First row of the group it was last proposed in, or itself: a group is one read. */
  leader: Uint32Array;
  /** Its priority ÷ what it would be by itself. */
  boost: Float64Array;
  /** Gathering that last put the row in a group. */
  grouped: Uint32Array;
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
  textureBytes: Float64Array,
  sharedBytes: Float64Array,
  decodedBytes: Float64Array,
  geometryBytes: Float64Array,
  decodeMs: Float64Array,
  checksum: Float64Array,
  file: Int32Array,
  offset: Float64Array,
  epoch: Uint32Array,
  pins: Uint16Array,
  kept: Uint16Array,
  failures: Uint8Array,
  error: Uint8Array,
  retryAtMs: Float64Array,
  priority: Float64Array,
  gain: Float64Array,
  urgency: Uint8Array,
  lastUsedFrame: Uint32Array,
  settledFrame: Uint32Array,
  shadowless: Uint8Array,
  requestedMs: Float64Array,
  evictedMs: Float64Array,
  rank: Uint32Array,
  onScreen: Uint8Array,
  leader: Uint32Array,
  boost: Float64Array,
  grouped: Uint32Array,
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
  /** Most bytes that the decoded images take, on any device. */
  imageBytes: number;
  /** Bytes of the images on the GPU, one figure for each of `TEXTURE_TARGET_COUNT` targets. */
  textureBytes: ArrayLike<number>;
  decodeMs: number;
  checksum: number;
  /** Index into the world's list of files. */
  file: number;
  offset: number;
}

/** Devices differ in what they keep textures in: BC, ASTC, ETC2, RGBA8. */
const TEXTURE_TARGET_COUNT = 4;

/** Rows numbered in one step. */
const STEP_ROWS = 16_384;

export class PayloadTable {
  columns: PayloadColumns = makeColumns(0);
  /** Which of the figures counts; RGBA8 until a view says what its device has. */
  #textureTarget = TEXTURE_TARGET_COUNT - 1;
  /** Whether the GPU's copy of geometry lies in buffers that are paid for as a whole. */
  #sharesGeometry = false;
  readonly #charge: Charge = {
    pool: Pool.Mesh,
    reserveBytes: 0,
    residentBytes: 0,
    textureBytes: 0,
    sharedBytes: 0,
  };
  #textureBytes = new Uint32Array(0);
  /** Row of each rank: the inverse of the column `rank`. */
  byRank: Uint32Array = new Uint32Array(0);
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
    const { byteLength } = this.#textureBytes;
    return Object.values(this.columns).reduce((sum, column) => sum + column.byteLength, byteLength);
  }

  /**
   * Makes room for `count` more rows, one array a step: what is in use is copied. Nothing may be
   * appended or dropped between the first step and the last.
   */
  *reserve(count: number): Generator<void> {
    const used = this.#count;
    const total = used + count;
    // Whatever their types are, they are grown alike.
    const columns = this.columns as unknown as Record<string, Uint32Array>;
    for (const key of Object.keys(TYPES)) {
      columns[key] = grown(columns[key]!, total, used);
      yield;
    }
    const width = TEXTURE_TARGET_COUNT;
    this.#textureBytes = grown(this.#textureBytes, total * width, used * width);
    yield;
    this.byRank = grown(this.byRank, total, used);
    // Until they are ranked, new rows are in their own order, behind all others.
    for (let row = used; row < total; row++) {
      this.byRank[row] = this.columns.rank[row] = row;
      if (row % STEP_ROWS === 0) yield;
    }
  }

  /** Takes the next `count` rows, for which there is room, and returns the first. */
  append(count: number): number {
    const first = this.#count;
    this.#count += count;
    return first;
  }

  /**
   * Orders rows `[first, end)`, all of one world, by where they lie, some thousand a step. Called
   * once they are filled; until the last step none of them may be asked for.
   */
  *rankByPlace(first: number, end: number): Generator<void> {
    const rows = new Uint32Array(end - first);
    for (let i = 0; i < rows.length; i++) rows[i] = first + i;
    yield* sortSteps(rows, (a, b) => {
      // Asked for each time: between the steps another world may have replaced the columns.
      const { file, offset } = this.columns;
      return file[a]! - file[b]! || offset[a]! - offset[b]! || a - b;
    });
    for (let i = 0; i < rows.length; i++) {
      this.columns.rank[rows[i]!] = first + i;
      this.byRank[first + i] = rows[i]!;
      if (i % STEP_ROWS === 0) yield;
    }
  }

  /** Drops all rows from `first` on; their bytes must have been released before. */
  truncate(first: number): void {
    this.#count = first;
  }

  fill(row: number, facts: PayloadFacts): void {
    const c = this.columns;
    c.state[row] = PayloadState.Empty;
    c.kind[row] = facts.kind;
    c.pool[row] = facts.pool;
    c.owner[row] = facts.owner;
    c.lod[row] = facts.lod;
    c.encodedBytes[row] = facts.encodedBytes;
    c.decodedBytes[row] = facts.geometryBytes + facts.imageBytes;
    c.geometryBytes[row] = facts.geometryBytes;
    for (let target = 0; target < TEXTURE_TARGET_COUNT; target++)
      this.#textureBytes[row * TEXTURE_TARGET_COUNT + target] = facts.textureBytes[target]!;
    this.#price(row);
    c.decodeMs[row] = facts.decodeMs;
    c.checksum[row] = facts.checksum;
    c.file[row] = facts.file;
    c.offset[row] = facts.offset;
    c.error[row] = ErrorCode.None;
    c.failures[row] = 0;
    c.pins[row] = 0;
    c.kept[row] = 0;
    c.shadowless[row] = 0;
    c.evictedMs[row] = Number.NEGATIVE_INFINITY;
    c.priority[row] = 0;
    c.gain[row] = 0;
    c.urgency[row] = UrgencyClass.Low;
  }

  get textureTarget(): number {
    return this.#textureTarget;
  }

  /** Whether a row costs as much with textures for one target as for another. */
  isSameFor(row: number, one: number, other: number): boolean {
    const at = row * TEXTURE_TARGET_COUNT;
    return this.#textureBytes[at + one] === this.#textureBytes[at + other];
  }

  get sharesGeometry(): boolean {
    return this.#sharesGeometry;
  }

  /**
   * Makes the figures of another device count: its textures, and whether its geometry lies in shared
   * buffers. Rows whose figures differ must hold no bytes.
   */
  setDevice(textureTarget: number, sharesGeometry: boolean): void {
    this.#textureTarget = textureTarget;
    this.#sharesGeometry = sharesGeometry;
    for (let row = 0; row < this.#count; row++) this.#price(row);
  }

  /** What a row takes of the budget. The one object of the table, filled anew with every call. */
  chargeOf(row: number): Charge {
    const { pool, reserveBytes, residentBytes, textureBytes, sharedBytes } = this.columns;
    const charge = this.#charge;
    charge.pool = pool[row]! as Pool;
    charge.reserveBytes = reserveBytes[row]!;
    charge.residentBytes = residentBytes[row]!;
    charge.textureBytes = textureBytes[row]!;
    charge.sharedBytes = sharedBytes[row]!;
    return charge;
  }

  #price(row: number): void {
    const c = this.columns;
    const geometryBytes = c.geometryBytes[row]!;
    const at = row * TEXTURE_TARGET_COUNT;
    const textureBytes = this.#textureBytes[at + this.#textureTarget]!;
    const plainBytes = this.#textureBytes[at + TEXTURE_TARGET_COUNT - 1]!;
    const mostBytes = c.decodedBytes[row]! - geometryBytes;
    // Images are unpacked to what the GPU gets: to blocks, or to RGBA8 that has no mips yet.
    const imageBytes = textureBytes < plainBytes ? Math.min(mostBytes, textureBytes) : mostBytes;
    const encodedBytes = c.encodedBytes[row]!;
    const sharedBytes = this.#sharesGeometry ? geometryBytes : 0;
    c.sharedBytes[row] = sharedBytes;
    c.textureBytes[row] = c.pool[row] === Pool.Mesh ? textureBytes : 0;
    c.reserveBytes[row] = reserveBytesOf(
      encodedBytes,
      geometryBytes,
      imageBytes,
      textureBytes,
      sharedBytes,
    );
    c.residentBytes[row] = residentBytesOf(geometryBytes, textureBytes) - sharedBytes;
  }
}

function makeColumns(length: number): PayloadColumns {
  const entries = Object.entries(TYPES).map(([key, type]) => [key, new type(length)]);
  return Object.fromEntries(entries) as PayloadColumns;
}
