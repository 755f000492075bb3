/**
 * The references that order what is needed and weigh nothing against it: the order of 3D Tiles
 * renderers, the classic importance × distance × frustum × velocity score, and first come, first
 * served. They evict what was on the screen longest ago, and are blocked by a memory full of used things.
 */
import {
  COARSEST_ERROR_PER_RADIUS,
  FAR_METERS,
  HALF_FOV_RADIANS,
  LOD_COUNT,
  MIN_SIZE_PX,
  PX_PER_RADIAN,
} from '../constants.ts';
import { idealLevel, targetLevel } from '../geometry.ts';
import type { Pose, Subject, SubjectContext } from '../subject.ts';
import { HistoryEviction } from './evict-by-history.ts';
import { Motion } from './motion.ts';
import { type Candidate, type Loading, Store } from './store.ts';
import { RESCORE_FRAMES } from './value-policy.ts';

export type Order = 'tiles' | 'classic' | 'fifo';

/** Candidates that find no room before a refill gives up. */
const MOST_BLOCKED = 8;

export class OrderPolicy implements Subject {
  private readonly store: Store;
  private readonly order: Order;
  private readonly eviction: HistoryEviction;
  private readonly motion = new Motion();
  /** Level wanted of each object, -1 where it is out of range; distance; 1 in the picture. */
  private readonly wanted: Int8Array;
  private readonly distance: Float64Array;
  private readonly inPicture: Uint8Array;
  private candidates: Candidate[] = [];
  private next = 0;
  /** Assets that wait in the queue of `fifo`, which never forgets. */
  private readonly isQueued: Uint8Array;

  constructor(context: SubjectContext, order: Order) {
    const { count, bytes } = context.world;
    this.store = new Store(context);
    this.order = order;
    this.eviction = new HistoryEviction(this.store, 'lru');
    this.wanted = new Int8Array(count).fill(-1);
    this.distance = new Float64Array(count);
    this.inPicture = new Uint8Array(count);
    this.isQueued = new Uint8Array(bytes.length);
    this.store.onLoaded = (asset) => this.eviction.loaded(asset);
  }

  frame(frame: number, pose: Pose): void {
    const isJump = this.motion.see(frame, pose);
    if (frame % RESCORE_FRAMES === 0 || isJump) this.look(frame, pose);
    this.refill();
    this.eviction.see(pose);
    this.eviction.begin(frame + 1);
  }

  best(): Int8Array {
    return this.store.best;
  }

  usedBytes(): number {
    return this.store.usedBytes;
  }

  private look(frame: number, pose: Pose): void {
    this.motion.update(frame);
    const found = this.findNeeded(pose);
    if (this.order === 'fifo') {
      for (const candidate of found) {
        if (this.isQueued[candidate.asset] === 1) continue;
        this.isQueued[candidate.asset] = 1;
        this.candidates.push(candidate);
      }
      return;
    }
    this.candidates = found.sort((a, b) => b.score - a.score);
    this.next = 0;
    for (let at = this.store.loading.length - 1; at >= 0; at--) {
      const loading = this.store.loading[at]!;
      if (this.hasLostItsPoint(loading)) this.store.cancel(loading);
    }
  }

  private findNeeded(pose: Pose): Candidate[] {
    const { best, loadingLevel } = this.store;
    const found: Candidate[] = [];
    for (let object = 0; object < best.length; object++) {
      this.measure(object, pose);
      const target = this.wanted[object]!;
      if (target < 0 || (this.order === 'tiles' && this.inPicture[object] === 0)) continue;
      const from = Math.max(best[object]!, loadingLevel[object]!);
      if (from >= target) continue;
      const level = this.order === 'tiles' ? from + 1 : target;
      const score = this.scoreOf(object, from, pose);
      found.push({ asset: object * LOD_COUNT + level, object, level, score, gain: score });
    }
    return found;
  }

  /** Distance, whether it is in the picture, and the level wanted. */
  private measure(object: number, pose: Pose): void {
    const { world } = this.store.context;
    const dx = world.x[object]! - pose.x;
    const dy = world.y[object]! - pose.y;
    const squared = dx * dx + dy * dy;
    this.wanted[object] = -1;
    this.inPicture[object] = 0;
    if (squared > FAR_METERS * FAR_METERS) return;
    const radius = world.radius[object]!;
    const toCenter = Math.sqrt(squared);
    const distance = Math.max(1, toCenter - radius);
    this.distance[object] = distance;
    if (toCenter >= FAR_METERS || (2 * radius * PX_PER_RADIAN) / distance < MIN_SIZE_PX) return;
    this.wanted[object] = targetLevel(idealLevel(radius, distance));
    let outside = 0;
    if (toCenter > radius) {
      const [cos, sin] = [Math.cos(pose.yaw), Math.sin(pose.yaw)];
      const off = Math.atan2(Math.abs(dy * cos - dx * sin), dx * cos + dy * sin);
      outside = off - radius / toCenter - HALF_FOV_RADIANS;
    }
    this.inPicture[object] = outside <= 0 ? 1 : 0;
  }

  private scoreOf(object: number, from: number, pose: Pose): number {
    const { world } = this.store.context;
    if (this.order === 'classic') return this.classicScore(object, pose);
    if (this.order === 'fifo') return 0;
    const radius = world.radius[object]!;
    const meters = from < 0 ? 2 * radius : COARSEST_ERROR_PER_RADIUS * radius * 2 ** -from;
    return (PX_PER_RADIAN * meters) / this.distance[object]!;
  }

  /** importance × nearness × (2 in the picture, 1 outside) × (up to 1.5 straight ahead). */
  private classicScore(object: number, pose: Pose): number {
    const { world } = this.store.context;
    const { velocityX, velocityY } = this.motion;
    const nearness = 1 - Math.min(1, this.distance[object]! / FAR_METERS);
    const dx = world.x[object]! - pose.x;
    const dy = world.y[object]! - pose.y;
    const speed = Math.hypot(velocityX, velocityY);
    const toCenter = Math.hypot(dx, dy) || 1;
    const ahead =
      speed > 0.5 ? Math.max(0, (dx * velocityX + dy * velocityY) / (speed * toCenter)) : 0;
    const bonus = 1 + 0.5 * ahead * Math.min(1, speed / 10);
    return world.importance[object]! * nearness * (1 + this.inPicture[object]!) * bonus;
  }

  private hasLostItsPoint({ object, level }: Loading): boolean {
    const wanted = this.wanted[object]!;
    if (wanted < 0 || level > wanted + 1) return true;
    return this.order === 'tiles' && this.inPicture[object] === 0;
  }

  private refill(): void {
    const { store, order } = this;
    let blocked = 0;
    while (store.context.link.hasFreeSlot && this.next < this.candidates.length) {
      const candidate = this.candidates[this.next++]!;
      this.isQueued[candidate.asset] = 0;
      if (store.isPointless(candidate)) continue;
      if (this.eviction.makeRoom(candidate)) store.start(candidate);
      else if (order === 'fifo' || ++blocked > MOST_BLOCKED) break;
    }
  }
}
