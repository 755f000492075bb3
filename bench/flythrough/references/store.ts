/**
 * What a reference policy holds: resident assets, requests under way, and the best level of each
 * object. An asset is `object * LOD_COUNT + level`. All reports to the referee are made here.
 */
import { LOD_COUNT } from '../constants.ts';
import type { Request } from '../link.ts';
import type { SubjectContext } from '../subject.ts';

/** An asset that a policy would load next. */
export interface Candidate {
  asset: number;
  object: number;
  level: number;
  /** What it is ordered by; gain by cost where the policy knows a gain. */
  score: number;
  gain: number;
}

/** A request under way. */
export interface Loading {
  readonly asset: number;
  readonly object: number;
  readonly level: number;
  readonly bytes: number;
  readonly request: Request;
}

export class Store {
  readonly context: SubjectContext;
  /** Best resident level of each object and best level under way, -1 none. */
  readonly best: Int8Array;
  readonly loadingLevel: Int8Array;
  /** Resident assets in no particular order, which is the same in every run. */
  readonly resident: number[] = [];
  /** Requests under way, oldest first. */
  readonly loading: Loading[] = [];
  residentBytes = 0;
  /** Called with an asset that has come, and the time its bytes took (s). */
  onLoaded: (asset: number, transferS: number) => void = () => undefined;
  private readonly isHeld: Uint8Array;
  private readonly place: Int32Array;

  constructor(context: SubjectContext) {
    const { count, bytes } = context.world;
    this.context = context;
    this.best = new Int8Array(count).fill(-1);
    this.loadingLevel = new Int8Array(count).fill(-1);
    this.isHeld = new Uint8Array(bytes.length);
    this.place = new Int32Array(bytes.length).fill(-1);
  }

  get usedBytes(): number {
    return this.residentBytes + this.context.link.openBytes;
  }

  get freeBytes(): number {
    return this.context.budgetBytes - this.usedBytes;
  }

  bytesOf(asset: number): number {
    return this.context.world.bytes[asset]!;
  }

  isResident(asset: number): boolean {
    return this.isHeld[asset] === 1;
  }

  /** True where loading the candidate would bring nothing that is not here or coming. */
  isPointless({ asset, object, level }: Candidate): boolean {
    return (
      this.isHeld[asset] === 1 || this.loadingLevel[object]! >= level || this.best[object]! >= level
    );
  }

  /** The level below `level` that would be shown instead, -1 none. */
  levelBelow(object: number, level: number): number {
    const first = object * LOD_COUNT;
    for (let below = level - 1; below >= 0; below--)
      if (this.isHeld[first + below] === 1) return below;
    return -1;
  }

  start({ asset, object, level }: Candidate): void {
    const bytes = this.bytesOf(asset);
    const request = this.context.link.request(bytes, () => this.finish(loading));
    const loading: Loading = { asset, object, level, bytes, request };
    this.loading.push(loading);
    this.loadingLevel[object] = Math.max(this.loadingLevel[object]!, level);
    this.context.reports.opened(asset);
  }

  cancel(loading: Loading): void {
    this.context.link.cancel(loading.request);
    this.forget(loading);
    this.context.reports.cancelled(loading.asset);
  }

  evict(asset: number): void {
    const object = Math.floor(asset / LOD_COUNT);
    const level = asset % LOD_COUNT;
    const place = this.place[asset]!;
    const last = this.resident.pop()!;
    if (last !== asset) {
      this.resident[place] = last;
      this.place[last] = place;
    }
    this.place[asset] = -1;
    this.isHeld[asset] = 0;
    this.residentBytes -= this.bytesOf(asset);
    if (level === this.best[object]) this.best[object] = this.levelBelow(object, level);
    this.context.reports.evicted(asset);
  }

  private finish(loading: Loading): void {
    const { asset, object, level, bytes, request } = loading;
    this.forget(loading);
    this.isHeld[asset] = 1;
    this.place[asset] = this.resident.length;
    this.resident.push(asset);
    this.residentBytes += bytes;
    if (level > this.best[object]!) this.best[object] = level;
    this.context.reports.loaded(asset);
    this.onLoaded(asset, request.transferS);
  }

  private forget(loading: Loading): void {
    const { loading: all, loadingLevel } = this;
    all.splice(all.indexOf(loading), 1);
    loadingLevel[loading.object] = -1;
    for (const { object, level } of all)
      if (object === loading.object && level > loadingLevel[object]!) loadingLevel[object] = level;
  }
}
