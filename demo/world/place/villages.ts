/**
 * Builds the villages: houses along the streets with their fronts to them, a square with a well
 * and stalls, a church or keep, gardens with fences, and at the harbor piers and boats.
 */
import type { Random } from '../../../src/base/random.ts';
import { MODELS } from '../models/catalog.ts';
import { between, pick } from '../models/model.ts';
import { randomOf } from '../noise.ts';
import { heightAt, sampleGrid } from '../terrain/height-field.ts';
import { SQUARE_RADIUS, streetsOf, villagePoint } from '../terrain/streets.ts';
import type { Vector3, Village } from '../types.ts';
import { cornersOf, type Footprint, overlap, take } from './footprints.ts';
import type { Land } from './land.ts';
import { plant } from './season.ts';
import { put, turned } from './table.ts';
import { furnishTavern } from './tavern.ts';

const HOUSES: Record<string, readonly string[]> = {
  harbor: ['house-1', 'house-3', 'house-4', 'cottage-2', 'cottage-3', 'hut-1', 'hut-2', 'house-2'],
  valley: ['house-1', 'house-2', 'house-3', 'house-5', 'house-6', 'cottage-1', 'barn-1', 'barn-2'],
  hilltop: ['house-2', 'house-4', 'house-6', 'cottage-2', 'cottage-1', 'house-5'],
  mountain: ['chalet-1', 'chalet-2', 'chalet-1', 'cottage-1', 'barn-2'],
};

const CENTERS: Record<string, readonly string[]> = {
  harbor: ['church', 'tavern-1', 'hall-1'],
  valley: ['church', 'hall-1', 'tavern-1'],
  hilltop: ['keep', 'chapel', 'tavern-1'],
  mountain: ['chapel'],
};

const REACH = new Map(MODELS.map((model) => [model.name, model.reach ?? ([1, 1] as const)]));

export function buildVillages(land: Land): void {
  for (const [level, village] of land.villages.entries()) {
    const random = randomOf(land.seed, `village ${village.name}`);
    const site = { land, village, level, random };
    raiseCenter(site);
    for (const street of streetsOf(village)) lineStreet(site, street);
    furnish(site);
    if (village.name === 'hilltop') wallIn(site);
    if (village.name === 'harbor') moor(site);
  }
  raiseLandmarks(land);
}

interface Site {
  land: Land;
  village: Village;
  level: number;
  random: Random;
}

/** Puts a building if its ground is free, dry and level enough. `turn` brings its front around. */
function raise(site: Site, name: string, x: number, z: number, turn: number, gap = 0.7): boolean {
  const { land } = site;
  const reach = REACH.get(name) ?? [1, 1];
  const footprint: Footprint = { x, z, turn, half: [reach[0] + gap, reach[1] + gap] };
  let low = Infinity;
  let high = -Infinity;
  for (const corner of cornersOf(footprint)) {
    if (sampleGrid(land.relief.field, land.roads.distance, corner[0], corner[2]) < 3) return false;
    const height = heightAt(land.relief.field, corner[0], corner[2]);
    low = Math.min(low, height);
    high = Math.max(high, height);
  }
  if (low < 1.4 || high - low > 2.9) return false;
  const square = Math.hypot(x - site.village.center[0], z - site.village.center[2]);
  if (square < SQUARE_RADIUS + reach[1]) return false;
  if (land.taken.all.some((other) => overlap(other, footprint))) return false;
  take(land.taken, footprint);
  const foot: Vector3 = [x, Math.min(high - 0.35, low + 1.7), z];
  put(land.out, name, foot, turned(turn), 1, site.level);
  if (name === 'tavern-1') land.tavern ??= furnishTavern(land, foot, turn, land.villages.length);
  return true;
}

/** The angle about y that brings local +z to the direction (x, z). */
function facing(x: number, z: number): number {
  return Math.atan2(x, z);
}

function raiseCenter(site: Site): void {
  const { village, random } = site;
  const names = CENTERS[village.name] ?? [];
  for (const name of names) {
    const reach = REACH.get(name) ?? [1, 1];
    for (let attempt = 0; attempt < 60; attempt++) {
      const angle = random() * Math.PI * 2;
      const distance = SQUARE_RADIUS + reach[1] + between(random, 2, 14);
      const x = village.center[0] + Math.cos(angle) * distance;
      const z = village.center[2] + Math.sin(angle) * distance;
      if (raise(site, name, x, z, facing(-Math.cos(angle), -Math.sin(angle)))) break;
    }
  }
}

/** Houses on both sides of a street, close together near the square. */
function lineStreet(site: Site, street: readonly Vector3[]): void {
  const { random } = site;
  const names = HOUSES[site.village.name] ?? ['house-1'];
  for (let i = 0; i + 1 < street.length; i++) {
    const a = street[i]!;
    const b = street[i + 1]!;
    const length = Math.hypot(b[0] - a[0], b[2] - a[2]);
    const [dx, dz] = [(b[0] - a[0]) / length, (b[2] - a[2]) / length];
    for (const side of [-1, 1]) {
      for (let along = 2; along < length - 2; along += 2.5) {
        const name = pick(random, names);
        const reach = REACH.get(name) ?? [5, 4];
        const out = 4.4 + reach[1] + random() * 1.6;
        const x = a[0] + dx * along - dz * side * out;
        const z = a[2] + dz * along + dx * side * out;
        const turn = facing(dz * side, -dx * side) + between(random, -0.04, 0.04);
        if (!raise(site, name, x, z, turn, 0.5)) continue;
        yard(site, x, z, turn, reach);
        along += reach[0] * 2 + random() * 3;
      }
    }
  }
}

/** Fence, barrels and a fruit tree behind a house. */
function yard(
  site: Site,
  x: number,
  z: number,
  turn: number,
  reach: readonly [number, number],
): void {
  const { random } = site;
  const at = (right: number, front: number): [number, number] => [
    x + right * Math.cos(turn) + front * Math.sin(turn),
    z - right * Math.sin(turn) + front * Math.cos(turn),
  ];
  const back = -reach[1] - 9;
  for (let k = -1; k <= 1; k++) small(site, 'fence', at(k * 4, back), turn, 0.2);
  for (let k = 0; k < 2; k++) {
    small(site, 'fence', at(-6, back + 2 + k * 4), turn + Math.PI / 2, 0.2);
    small(site, 'fence', at(6, back + 2 + k * 4), turn + Math.PI / 2, 0.2);
  }
  if (random() < 0.5) small(site, 'barrels', at(reach[0] + 1.2, 0), turn, 0.8);
  if (random() < 0.25) small(site, 'cart', at(-reach[0] - 2, reach[1]), turn + 0.4, 1.4);
  for (let k = 0; k < 4; k++) {
    const name = pick(random, [
      'bush-2',
      'blossom-1',
      'blossom-2',
      'flower-1',
      'flower-3',
      'bush-1',
    ]);
    small(
      site,
      name,
      at(between(random, -5, 5), back + between(random, 1.5, 6)),
      random() * 6,
      0.6,
    );
  }
  if (random() < 0.5) {
    small(
      site,
      pick(random, ['maple-1', 'birch-3', 'oak-3']),
      at(between(random, -4, 4), back + 4),
      random() * 6,
      2,
      0.55,
    );
  }
}

/** Puts a small thing where the ground is free of buildings and streets. */
function small(
  site: Site,
  name: string,
  [x, z]: [number, number],
  turn: number,
  margin: number,
  scale = 1,
): void {
  const { land, level } = site;
  const footprint: Footprint = { x, z, turn, half: [margin, margin] };
  if (sampleGrid(land.relief.field, land.roads.distance, x, z) < 3) return;
  const y = heightAt(land.relief.field, x, z);
  if (y < 1.2 || land.taken.all.some((other) => overlap(other, footprint))) return;
  if (name !== 'fence' && margin > 0.7) take(land.taken, footprint);
  plant(land.out, name, [x, y, z], turned(turn), scale, level);
}

/** The square. */
function furnish(site: Site): void {
  const { land, village, level, random } = site;
  const ground = (x: number, z: number): Vector3 => [x, heightAt(land.relief.field, x, z), z];
  const [cx, , cz] = village.center;
  put(land.out, 'well', ground(cx, cz), turned(random() * 6), 1, level);
  take(land.taken, { x: cx, z: cz, turn: 0, half: [2, 2] });
  const stalls = village.name === 'mountain' ? 2 : 7;
  for (let k = 0; k < stalls; k++) {
    const angle = village.heading + ((k + 0.5) / stalls) * Math.PI * 2;
    const x = cx + Math.cos(angle) * 10.5;
    const z = cz + Math.sin(angle) * 10.5;
    put(
      land.out,
      k % 2 === 0 ? 'stall-red' : 'stall-blue',
      ground(x, z),
      turned(facing(-Math.cos(angle), -Math.sin(angle))),
      1,
      level,
    );
    if (k % 2 === 1) put(land.out, 'barrels', ground(x + 2.6, z + 1.2), turned(angle), 1, level);
  }
  for (let k = 0; k < 26; k++) {
    const p = villagePoint(
      village,
      between(random, -0.7, 0.7) * village.radius,
      between(random, -0.6, 0.6) * village.radius,
    );
    small(
      site,
      pick(random, ['haystack', 'cart', 'barrels', 'oak-3', 'maple-2', 'beech-3']),
      [p[0], p[2]],
      random() * 6,
      2.2,
    );
  }
}

/** A ring of town wall, with a gate wherever a street leaves. */
function wallIn(site: Site): void {
  const { land, village, level } = site;
  const radius = village.radius * 0.9;
  const count = Math.floor((Math.PI * 2 * radius) / 8);
  for (let k = 0; k < count; k++) {
    const angle = (k / count) * Math.PI * 2;
    const x = village.center[0] + Math.cos(angle) * radius;
    const z = village.center[2] + Math.sin(angle) * radius;
    const turn = facing(Math.cos(angle), Math.sin(angle));
    const road = sampleGrid(land.relief.field, land.roads.distance, x, z);
    const footprint: Footprint = { x, z, turn, half: [4, 1] };
    if (land.taken.all.some((other) => overlap(other, footprint))) continue;
    take(land.taken, footprint);
    const y = Math.min(...cornersOf(footprint).map((c) => heightAt(land.relief.field, c[0], c[2])));
    put(land.out, road < 4.5 ? 'town-gate' : 'town-wall', [x, y, z], turned(turn), 1, level);
  }
}

/** Piers out from the shore, boats beside them and farther out. */
function moor(site: Site): void {
  const { land, village, level, random } = site;
  const { field, coast } = land.relief;
  const [cx, , cz] = village.center;
  const gx = sampleGrid(field, coast, cx - 40, cz) - sampleGrid(field, coast, cx + 40, cz);
  const gz = sampleGrid(field, coast, cx, cz - 40) - sampleGrid(field, coast, cx, cz + 40);
  const length = Math.hypot(gx, gz);
  const [sx, sz] = [gx / length, gz / length];
  for (const offset of [-45, 12, 62]) {
    let reach = 0;
    const at = (out: number, side: number): [number, number] => [
      cx + sx * out - sz * (offset + side),
      cz + sz * out + sx * (offset + side),
    ];
    while (reach < 220 && heightAt(field, ...at(reach, 0)) > 0.7) reach += 2;
    const turn = Math.atan2(-sz, sx);
    for (let k = 0; k < 7; k++) {
      const [x, z] = at(reach + k * 8, 0);
      put(land.out, 'pier', [x, 0, z], turned(turn), 1, level);
      take(land.taken, { x, z, turn, half: [4, 1.6] });
      if (k < 2) continue;
      const [bx, bz] = at(reach + k * 8 + between(random, -2, 2), k % 2 === 0 ? 4 : -4);
      put(
        land.out,
        k % 3 === 0 ? 'fishing-boat' : 'rowboat',
        [bx, 0.25, bz],
        turned(turn + between(random, -0.2, 0.2)),
        1,
        level,
      );
    }
    for (let k = 0; k < 4; k++) {
      const [x, z] = at(reach + between(random, 70, 260), between(random, -60, 60));
      if (heightAt(field, x, z) < -2)
        put(land.out, 'fishing-boat', [x, 0.3, z], turned(random() * 6), 1.1, level);
    }
    const [rx, rz] = at(reach - 6, 9);
    put(
      land.out,
      'rowboat',
      [rx, heightAt(field, rx, rz) + 0.25, rz],
      turned(turn + 0.5),
      1,
      level,
    );
  }
}

/** The lighthouse on its cape, and windmills on rises near the villages. */
function raiseLandmarks(land: Land): void {
  const [x, y, z] = land.cape;
  put(land.out, 'lighthouse', [x, y - 0.2, z], turned(1), 1, -1);
  take(land.taken, { x, z, turn: 0, half: [6, 6] });
  const random = randomOf(land.seed, 'windmills');
  for (const [level, village] of land.villages.entries()) {
    if (village.name === 'mountain') continue;
    const site = { land, village, level, random };
    const rises: Vector3[] = [];
    for (let k = 0; k < 400; k++) {
      const angle = random() * Math.PI * 2;
      const distance = village.radius * between(random, 0.8, 1.35);
      const x = village.center[0] + Math.cos(angle) * distance;
      const z = village.center[2] + Math.sin(angle) * distance;
      rises.push([x, heightAt(land.relief.field, x, z), z]);
    }
    // The highest place that a mill can stand on.
    rises.sort((a, b) => b[1] - a[1]);
    rises.some((p) => raise(site, 'windmill', p[0], p[2], random() * 6));
  }
}
