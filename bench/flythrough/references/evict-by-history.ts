/**
 * Eviction by what was seen so far: the asset that was on the screen longest ago goes first, or the
 * one with the least heat. Nothing that was on the screen in the last frame is evicted.
 */
import { FRAME_SECONDS, LOD_COUNT } from '../constants.ts';
import { screenShare } from '../geometry.ts';
import type { Pose } from '../subject.ts';
import { visibleDistance } from '../visibility.ts';
import type { MakeRoom } from './evict-by-value.ts';
import type { Store } from './store.ts';

export type History = 'lru' | 'heat';

const HEAT_SECONDS = 10;

export class HistoryEviction {
  private readonly store: Store;
  private readonly kind: History;
  private readonly usedAtS: Float64Array;
  private readonly usedInFrame: Int32Array;
  private readonly heat: Float64Array;
  private readonly heatAtS: Float64Array;
  private frame = 0;

  constructor(store: Store, kind: History) {
    const assets = store.context.world.bytes.length;
    this.store = store;
    this.kind = kind;
    this.usedAtS = new Float64Array(assets);
    this.usedInFrame = new Int32Array(assets).fill(-1);
    this.heat = new Float64Array(assets);
    this.heatAtS = new Float64Array(assets);
  }

  /** A frame begins; what comes from now on came in it. */
  begin(frame: number): void {
    this.frame = frame;
  }

  loaded(asset: number): void {
    const now = this.frame * FRAME_SECONDS;
    this.usedAtS[asset] = now;
    this.heat[asset] = 0;
    this.heatAtS[asset] = now;
  }

  /** The frame is on the screen: remembers what it shows. */
  see(pose: Pose): void {
    const { world } = this.store.context;
    const now = this.frame * FRAME_SECONDS;
    for (let i = 0; i < world.count; i++) {
      const level = this.store.best[i]!;
      if (level < 0) continue;
      const distance = visibleDistance(world, i, pose.x, pose.y, pose.yaw);
      if (distance < 0) continue;
      const asset = i * LOD_COUNT + level;
      this.usedInFrame[asset] = this.frame;
      this.usedAtS[asset] = now;
      const area = screenShare(world.radius[i]!, distance);
      this.heat[asset] = this.heatNow(asset) + Math.fround(world.importance[i]! * area);
      this.heatAtS[asset] = now;
    }
  }

  readonly makeRoom: MakeRoom = (candidate) => {
    const { store } = this;
    const need = store.bytesOf(candidate.asset);
    let free = store.freeBytes;
    for (const asset of store.resident) {
      if (free >= need) break;
      if (this.mayGo(asset)) free += store.bytesOf(asset);
    }
    if (free < need) return false;
    while (store.freeBytes < need) store.evict(this.pick());
    return true;
  };

  private mayGo(asset: number): boolean {
    return this.usedInFrame[asset]! < this.frame - 1;
  }

  private pick(): number {
    let found = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const asset of this.store.resident) {
      if (!this.mayGo(asset)) continue;
      const key = this.kind === 'lru' ? this.usedAtS[asset]! : this.heatNow(asset);
      if (key >= least) continue;
      least = key;
      found = asset;
    }
    return found;
  }

  private heatNow(asset: number): number {
    const passedS = this.frame * FRAME_SECONDS - this.heatAtS[asset]!;
    return this.heat[asset]! * Math.exp(-passedS / HEAT_SECONDS);
  }
}
