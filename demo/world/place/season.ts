/** What changes with the seasons: herbs go in winter, and broad-leaved trees stand bare. */
import type { Vector3 } from '../types.ts';
import { type Collector, put, type Quaternion } from './table.ts';

/** Data layers of the world, as placements name them. */
export const LAYERS = ['!winter', 'winter'] as const;
const SUMMER = 0;
const WINTER = 1;

const HERBS: ReadonlySet<string> = new Set(['grass', 'flower', 'fern', 'wheat', 'blossom']);

/** Meters that bare trees are high, and what stands in their place in summer. */
const BARE_METERS = 13;
const LEAFY_METERS: Readonly<Record<string, number>> = { oak: 14, beech: 18, maple: 12, birch: 14 };

/** Puts a plant: where it looks different in winter, what is there then as well. */
export function plant(
  to: Collector,
  name: string,
  position: Vector3,
  rotation: Quaternion,
  scale = 1,
  level = -1,
): void {
  const [group = '', number] = name.split('-');
  const meters = LEAFY_METERS[group];
  const isSeasonal = meters !== undefined || HERBS.has(group);
  const isPut = put(to, name, position, rotation, scale, level, isSeasonal ? SUMMER : -1);
  if (meters === undefined || !isPut) return;
  const bare = `bare-${(Number(number) % 2) + 1}`;
  put(to, bare, position, rotation, (scale * meters) / BARE_METERS, level, WINTER);
}
