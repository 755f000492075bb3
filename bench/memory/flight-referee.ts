/**
 * The referee of a memory flight: from catalog and camera alone it works out what is in view and which
 * LOD each thing should show, and compares it with what the view shows. The plugin is not asked.
 */
import type { CoursePose } from './flight-course.ts';
import type { FlightView } from './flight-view.ts';
import { errorOf, type FlightWorld, LOD_COUNT } from './flight-world.ts';

export interface Picture {
  heightPixels: number;
  fovYRadians: number;
  aspect: number;
  errorPixels: number;
  minPixels: number;
  drawDistanceMeters: number;
}

/**
 * What is in view by less than this factor of size or distance is left to the plugin: at the very
 * edge of the view two roundings may differ.
 */
const EDGE = 1.02;

/** What one look finds. */
export interface Look {
  /** Things in view, and those of them that show nothing. */
  visible: number;
  holes: number;
  /** Bytes of all LODs that things in view should show. */
  wantedBytes: number;
  /** Things whose LOD is wanted for the first time since they came into view, and LODs there in time. */
  needs: number;
  hits: number;
  /** Things in view that show a coarser LOD than they should. */
  short: number;
  /** Least resident bytes of the next finer LOD of one of them; Infinity where there is none. */
  nextBytes: number;
}

export class Referee {
  readonly look: Look = {
    visible: 0,
    holes: 0,
    wantedBytes: 0,
    needs: 0,
    hits: 0,
    short: 0,
    nextBytes: 0,
  };
  readonly #world: FlightWorld;
  readonly #view: FlightView;
  readonly #picture: Picture;
  /** LOD that each slot wanted in the look in which it was last in view, and that look. */
  readonly #wanted: Int8Array;
  readonly #seen: Int32Array;
  /** Look in which a payload was last counted. */
  readonly #counted: Int32Array;
  #looks = 0;

  constructor(world: FlightWorld, view: FlightView, picture: Picture) {
    this.#world = world;
    this.#view = view;
    this.#picture = picture;
    this.#wanted = new Int8Array(world.slotAssets.length);
    this.#seen = new Int32Array(world.slotAssets.length).fill(-2);
    this.#counted = new Int32Array(world.payloadBytes.length).fill(-1);
  }

  /** Looks once. The result is overwritten by the next one. */
  at(pose: CoursePose): Readonly<Look> {
    const { look } = this;
    const { boxes, cellRuns, runSlots } = this.#world.cells;
    this.#looks++;
    look.visible = look.holes = look.wantedBytes = look.needs = look.hits = look.short = 0;
    look.nextBytes = Number.POSITIVE_INFINITY;
    const frustum = frustumOf(pose, this.#picture);
    for (let cell = 0; cell + 1 < cellRuns.length; cell++) {
      const b = cell * 6;
      const hx = (boxes[b + 3]! - boxes[b]!) / 2;
      const hy = (boxes[b + 4]! - boxes[b + 1]!) / 2;
      const hz = (boxes[b + 5]! - boxes[b + 2]!) / 2;
      const dx = boxes[b]! + hx - pose.x;
      const dy = boxes[b + 1]! + hy - pose.y;
      const dz = boxes[b + 2]! + hz - pose.z;
      const reach = Math.sqrt(hx * hx + hy * hy + hz * hz);
      if (!isInside(frustum, dx, dy, dz, reach)) continue;
      const end = runSlots[cellRuns[cell + 1]!]!;
      for (let slot = runSlots[cellRuns[cell]!]!; slot < end; slot++)
        this.#lookAt(slot, pose, frustum);
    }
    return look;
  }

  #lookAt(slot: number, pose: CoursePose, frustum: Frustum): void {
    const { positions, scales, slotAssets, radii } = this.#world;
    const dx = positions[slot * 3]! - pose.x;
    const dy = positions[slot * 3 + 1]! - pose.y;
    const dz = positions[slot * 3 + 2]! - pose.z;
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
    const asset = slotAssets[slot]!;
    const scale = scales[slot]!;
    const radius = radii[asset]! * scale;
    const { errorPixels, minPixels } = this.#picture;
    if (2 * radius * frustum.k < minPixels * EDGE * distance) return;
    // As all distances it is that of an instance at scale 1.
    if (distance > frustum.far * scale) return;
    if (!isInside(frustum, dx, dy, dz, 0)) return;
    let wanted = LOD_COUNT - 1;
    const tolerated = (errorPixels * distance) / (frustum.k * scale);
    while (wanted > 0 && errorOf(radii[asset]!, wanted) > tolerated) wanted--;
    this.#judge(slot, asset, wanted);
  }

  #judge(slot: number, asset: number, wanted: number): void {
    const { look } = this;
    const first = asset * LOD_COUNT;
    const shown = this.#view.shown[slot]!;
    look.visible++;
    if (shown < 0) look.holes++;
    if (shown < 0 || shown - first > wanted) {
      look.short++;
      const next = shown < 0 ? first + LOD_COUNT - 1 : shown - 1;
      look.nextBytes = Math.min(look.nextBytes, this.#world.payloadBytes[next]!);
    }
    if (this.#counted[first + wanted] !== this.#looks) {
      this.#counted[first + wanted] = this.#looks;
      look.wantedBytes += this.#world.payloadBytes[first + wanted]!;
    }
    const isNew = this.#seen[slot] !== this.#looks - 1 || wanted < this.#wanted[slot]!;
    this.#seen[slot] = this.#looks;
    this.#wanted[slot] = wanted;
    if (!isNew) return;
    look.needs++;
    for (let lod = 0; lod <= wanted; lod++)
      if (this.#view.resident[first + lod]) {
        look.hits++;
        return;
      }
  }
}

interface Frustum {
  /** Pixels per tangent. */
  k: number;
  far: number;
  forward: readonly [number, number, number];
  right: readonly [number, number, number];
  up: readonly [number, number, number];
  tanX: number;
  tanY: number;
}

function frustumOf({ yaw, pitch }: CoursePose, picture: Picture): Frustum {
  const { fovYRadians, aspect, heightPixels, drawDistanceMeters } = picture;
  const tanY = Math.tan(fovYRadians / 2);
  const [s, c] = [Math.sin(yaw), Math.cos(yaw)];
  const [sp, cp] = [Math.sin(pitch), Math.cos(pitch)];
  return {
    k: heightPixels / (2 * tanY),
    far: drawDistanceMeters / EDGE,
    forward: [-s * cp, sp, -c * cp],
    right: [c, 0, -s],
    up: [s * sp, cp, c * sp],
    tanX: tanY * aspect,
    tanY,
  };
}

function isInside(f: Frustum, dx: number, dy: number, dz: number, reach: number): boolean {
  const depth = dx * f.forward[0] + dy * f.forward[1] + dz * f.forward[2];
  if (depth < -reach || depth > f.far + reach) return false;
  const x = dx * f.right[0] + dz * f.right[2];
  if (Math.abs(x) > depth * f.tanX + reach * (1 + f.tanX)) return false;
  const y = dx * f.up[0] + dy * f.up[1] + dz * f.up[2];
  if (Math.abs(y) > depth * f.tanY + reach * (1 + f.tanY)) return false;
  return dx * dx + dy * dy + dz * dz <= (f.far + reach) * (f.far + reach);
}
