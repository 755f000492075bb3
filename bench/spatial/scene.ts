/** What the spatial benchmark indexes and asks: boxes in towns and between them, moves, queries. */
import { createRandom, type Random } from '../../src/base/random.ts';
import { FRUSTUM_STRIDE, writeFrustum } from '../../src/spatial/frustum.ts';

export interface Move {
  item: number;
  x: number;
  z: number;
}

export interface SphereQuery {
  x: number;
  y: number;
  z: number;
}

export interface Scene {
  count: number;
  /** Center and half extents of each box (meters), six numbers an item. */
  boxes: Float32Array;
  /** A meter to the side. */
  steps: Move[];
  /** Anywhere in the world. */
  teleports: Move[];
  centers: SphereQuery[];
  /** One frustum after the other, `FRUSTUM_STRIDE` numbers each. */
  planes: Float64Array;
  /** What each frustum can reach on the ground: min x, min z, max x, max z. */
  footprints: Float64Array;
  frusta: number;
  /** Half the edge of the square (meters). */
  halfEdge: number;
}

export interface SceneOptions {
  count: number;
  moves: number;
  queries: number;
  seed: number;
}

/** As far as frusta reach (meters). */
const FAR_METERS = 600;

/** Plane tests keep boxes that lie beside a corner of the frustum, at most this far out (meters). */
const PAD = 40;

/** Items per square meter: a million on 16 km × 16 km. */
const DENSITY = 1e6 / 16_384 ** 2;

/** Half of the items evenly spread, half in a hundred towns; queries where the items are. */
export function makeScene({ count, moves, queries, seed }: SceneOptions): Scene {
  const random = createRandom(seed);
  const halfEdge = Math.sqrt(count / DENSITY) / 2;
  const towns = Array.from({ length: 100 }, () => [
    spread(random, halfEdge),
    spread(random, halfEdge),
  ]);
  const boxes = new Float32Array(count * 6);
  const inside = (value: number): number => Math.max(-halfEdge, Math.min(halfEdge, value));
  for (let item = 0; item < count; item++) {
    const town = towns[Math.floor(random() * towns.length)]!;
    const isUrban = random() < 0.5;
    const off = (): number => (random() + random() + random() - 1.5) * halfEdge * 0.06;
    const x = isUrban ? inside(town[0]! + off()) : spread(random, halfEdge);
    const z = isUrban ? inside(town[1]! + off()) : spread(random, halfEdge);
    const half = 0.5 + random() ** 3 * 10;
    boxes.set([x, random() * 60, z, half, half * (0.5 + random()), half], item * 6);
  }
  const pick = (): number => Math.floor(random() * count);
  const steps = Array.from({ length: moves }, () => {
    const item = pick();
    return { item, x: boxes[item * 6]! + random() - 0.5, z: boxes[item * 6 + 2]! + random() - 0.5 };
  });
  const teleports = Array.from({ length: moves }, () => ({
    item: pick(),
    x: spread(random, halfEdge),
    z: spread(random, halfEdge),
  }));
  const centers = Array.from({ length: queries }, () => {
    const at = pick() * 6;
    return { x: boxes[at]!, y: boxes[at + 1]!, z: boxes[at + 2]! };
  });
  const views = makeViews(random, centers);
  return { count, boxes, steps, teleports, centers, ...views, frusta: queries, halfEdge };
}

function spread(random: Random, halfEdge: number): number {
  return (random() * 2 - 1) * halfEdge;
}

function makeViews(random: Random, centers: SphereQuery[]) {
  const planes = new Float64Array(centers.length * FRUSTUM_STRIDE);
  const footprints = new Float64Array(centers.length * 4);
  centers.forEach(({ x, z }, i) => {
    const yaw = random() * 2 * Math.PI;
    const fovYRadians = Math.PI / 3;
    const aspect = 16 / 9;
    writeFrustum(planes, i * FRUSTUM_STRIDE, {
      eye: [x, 20, z],
      orientation: [0, Math.sin(yaw / 2), 0, Math.cos(yaw / 2)],
      fovYRadians,
      aspect,
      farMeters: FAR_METERS,
    });
    // The eye and the two corners of the far side, seen from above.
    const wide = Math.tan(fovYRadians / 2) * aspect * FAR_METERS;
    const corner = (side: number): [number, number] => [
      x - Math.sin(yaw) * FAR_METERS + Math.cos(yaw) * side,
      z - Math.cos(yaw) * FAR_METERS - Math.sin(yaw) * side,
    ];
    const points = [[x, z], corner(-wide), corner(wide)] as const;
    const [xs, zs] = [points.map(([px]) => px), points.map(([, pz]) => pz)];
    footprints.set([Math.min(...xs), Math.min(...zs), Math.max(...xs), Math.max(...zs)], i * 4);
    for (let side = 0; side < 4; side++) footprints[i * 4 + side]! += side < 2 ? -PAD : PAD;
  });
  return { planes, footprints };
}

/** Puts the moved item at its place in `boxes`. */
export function applyMove(boxes: Float32Array, { item, x, z }: Move): void {
  boxes[item * 6] = x;
  boxes[item * 6 + 2] = z;
}
