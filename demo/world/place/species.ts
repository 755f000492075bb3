/** Which tree grows where: altitude, water and neighbors decide, chance only breaks ties. */
import type { Spot } from './spot.ts';

type Mix = readonly (readonly [group: string, variants: number, share: number])[];

const ALPINE: Mix = [
  ['spruce', 3, 0.56],
  ['fir', 2, 0.3],
  ['dead', 2, 0.04],
  ['pine', 3, 0.1],
];
const UPLAND: Mix = [
  ['spruce', 3, 0.38],
  ['fir', 2, 0.2],
  ['beech', 3, 0.22],
  ['birch', 3, 0.12],
  ['pine', 3, 0.08],
];
const DRY: Mix = [
  ['pine', 3, 0.44],
  ['birch', 3, 0.2],
  ['oak', 3, 0.3],
  ['dead', 2, 0.02],
  ['maple', 2, 0.04],
];
const LOWLAND: Mix = [
  ['oak', 3, 0.34],
  ['beech', 3, 0.32],
  ['maple', 2, 0.1],
  ['birch', 3, 0.16],
  ['spruce', 3, 0.08],
];

export function chooseTree(spot: Spot, random: () => number): string {
  const height = spot.height + (spot.grove - 0.5) * 60;
  const mix = height > 215 ? ALPINE : height > 115 ? UPLAND : spot.moisture < 0.4 ? DRY : LOWLAND;
  // Groves: the smooth field picks the species, with some chance mixed in.
  let pick = (spot.grove * 0.62 + random() * 0.38) % 1;
  pick = Math.min(0.999, Math.max(0, (pick - 0.14) / 0.72));
  for (const [group, variants, share] of mix) {
    if (pick < share) return `${group}-${1 + Math.floor(random() * variants)}`;
    pick -= share;
  }
  return `${mix[0]![0]}-1`;
}
