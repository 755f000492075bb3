/**
 * What a subject says it does with assets, as it does it: the books behind waste, reloads, the
 * memory in use and the trace. It knows nothing of the path.
 */
import { createHash, type Hash } from 'node:crypto';
import { LOD_COUNT } from './constants.ts';
import type { World } from './world.ts';

/** How a subject reports. An asset is `object * LOD_COUNT + level`, level 0 coarsest. */
export interface Reports {
  /** A request that will bring the asset was opened. */
  opened(asset: number): void;
  /** It was dropped again. */
  cancelled(asset: number): void;
  /** The asset is resident and can be shown from now on. */
  loaded(asset: number): void;
  /** It is gone. */
  evicted(asset: number): void;
}

const Event = { Opened: 1, Cancelled: 2, Loaded: 3, Evicted: 4 } as const;

/** Numbers hashed at a time. */
const CHUNK = 3 * 4096;

export class Ledger implements Reports {
  /** Frame that events belong to; the harness moves it. */
  frame = 0;
  residentBytes = 0;
  loadedBytes = 0;
  reloadedBytes = 0;
  evictedCount = 0;
  private readonly bytes: Float64Array;
  private readonly resident: Uint8Array;
  private readonly wasLoaded: Uint8Array;
  private readonly wasShown: Uint8Array;
  private evictedUnshownBytes = 0;
  private readonly hash: Hash = createHash('sha256');
  private readonly events = new Int32Array(CHUNK);
  private eventsLength = 0;

  constructor(world: World) {
    this.bytes = world.bytes;
    this.resident = new Uint8Array(world.bytes.length);
    this.wasLoaded = new Uint8Array(world.bytes.length);
    this.wasShown = new Uint8Array(world.bytes.length);
  }

  opened(asset: number): void {
    this.log(Event.Opened, asset);
  }

  cancelled(asset: number): void {
    this.log(Event.Cancelled, asset);
  }

  loaded(asset: number): void {
    this.log(Event.Loaded, asset);
    if (this.resident[asset] === 1) throw new Error(`ledger: ${name(asset)} was loaded twice`);
    const bytes = this.bytes[asset]!;
    if (this.wasLoaded[asset] === 1) this.reloadedBytes += bytes;
    this.wasLoaded[asset] = 1;
    this.resident[asset] = 1;
    this.residentBytes += bytes;
    this.loadedBytes += bytes;
  }

  evicted(asset: number): void {
    this.log(Event.Evicted, asset);
    if (this.resident[asset] !== 1)
      throw new Error(`ledger: ${name(asset)} was evicted, but it is not resident`);
    const bytes = this.bytes[asset]!;
    if (this.wasShown[asset] !== 1) this.evictedUnshownBytes += bytes;
    this.wasShown[asset] = 0;
    this.resident[asset] = 0;
    this.residentBytes -= bytes;
    this.evictedCount++;
  }

  isResident(object: number, level: number): boolean {
    return this.resident[object * LOD_COUNT + level] === 1;
  }

  /** The referee saw the asset on the screen. */
  shown(object: number, level: number): void {
    this.wasShown[object * LOD_COUNT + level] = 1;
  }

  /** Bytes that were loaded and never seen, resident ones included. */
  unshownBytes(): number {
    let total = this.evictedUnshownBytes;
    for (let asset = 0; asset < this.bytes.length; asset++)
      if (this.resident[asset] === 1 && this.wasShown[asset] !== 1) total += this.bytes[asset]!;
    return total;
  }

  /** SHA-256 over (frame, event, asset) of everything reported. Ends the log. */
  traceHash(): string {
    this.flush();
    return this.hash.digest('hex');
  }

  private log(event: number, asset: number): void {
    if (!(asset >= 0 && asset < this.bytes.length && Number.isInteger(asset)))
      throw new Error(`ledger: asset must be 0 to ${this.bytes.length - 1}, got ${asset}`);
    if (this.eventsLength === CHUNK) this.flush();
    this.events[this.eventsLength++] = this.frame;
    this.events[this.eventsLength++] = event;
    this.events[this.eventsLength++] = asset;
  }

  private flush(): void {
    this.hash.update(new Uint8Array(this.events.buffer, 0, this.eventsLength * 4));
    this.eventsLength = 0;
  }
}

function name(asset: number): string {
  return `level ${asset % LOD_COUNT} of object ${Math.floor(asset / LOD_COUNT)}`;
}
