/** Furnishes the tavern: a level of its own, inside of a house that belongs to a village. */
import { TAVERN_ROOM } from '../models/interior.ts';
import type { Tavern, Vector3 } from '../types.ts';
import type { Land } from './land.ts';
import { put, turned } from './table.ts';

/** Name of its level. */
export const TAVERN_LEVEL = 'tavern';

/** Height of the floor over the foot of the house. */
const FLOOR = 0.53;

/** Where tables stand: right and front, and a quarter turn or none. */
const TABLES: readonly (readonly [x: number, z: number, turn: number])[] = [
  [-4.4, -2.7, 0],
  [-4.2, 2.6, 0],
  [-1, -2.8, 0],
  [2.2, -2.6, 0],
  [2.8, 2.7, 0],
];

/** @param level number of the tavern's level among those of the world */
export function furnishTavern(land: Land, foot: Vector3, turn: number, level: number): Tavern {
  const at = (right: number, up: number, front: number): Vector3 => [
    foot[0] + right * Math.cos(turn) + front * Math.sin(turn),
    foot[1] + FLOOR + up,
    foot[2] - right * Math.sin(turn) + front * Math.cos(turn),
  ];
  put(land.out, 'room-1', at(0, 0, 0), turned(turn), 1, level);
  for (const [x, z, quarter] of TABLES)
    put(land.out, 'table-1', at(x, 0, z), turned(turn + (quarter * Math.PI) / 2), 1, level);
  const { width, depth, height } = TAVERN_ROOM;
  return {
    name: TAVERN_LEVEL,
    center: at(0, height / 2, 0),
    radius: Math.hypot(width, depth, height) / 2,
    size: [width, height, depth],
    turn,
    outside: { position: at(0.6, 1.4, 11), target: at(0, 1.1, 4) },
    inside: { position: at(1.5, 1.5, 2.9), target: at(-5, 0.9, -1.2) },
  };
}
