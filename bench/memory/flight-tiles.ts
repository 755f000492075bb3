/** The terrain of a memory flight: a full quadtree of flat tiles, level by level. */

export interface Tiles {
  /** x, y, z least and most of each node (meters). */
  boxes: number[];
  /** Geometric errors (meters). */
  errors: number[];
  /** First of the four children that lie together, or `NO_CHILD`. */
  children: number[];
}

const NO_CHILD = 0xffffffff;
/** Error of a tile by its edge. */
const ERROR_SHARE = 1 / 50;
const HEIGHT_METERS = 10;

export function makeTiles(extentMeters: number, depth: number): Tiles {
  const out: Tiles = { boxes: [], errors: [], children: [] };
  if (depth === 0) return out;
  const queue = [{ x: -extentMeters / 2, z: -extentMeters / 2, size: extentMeters, level: 0 }];
  for (let at = 0; at < queue.length; at++) {
    const { x, z, size, level } = queue[at]!;
    out.boxes.push(x, 0, z, x + size, HEIGHT_METERS, z + size);
    out.errors.push(size * ERROR_SHARE);
    out.children.push(level === depth ? NO_CHILD : queue.length);
    if (level === depth) continue;
    const half = size / 2;
    for (let child = 0; child < 4; child++)
      queue.push({
        x: x + (child & 1) * half,
        z: z + (child >> 1) * half,
        size: half,
        level: level + 1,
      });
  }
  return out;
}
