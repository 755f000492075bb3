/** Tables with a synthetic world in them and rules for its LODs, without a world or a frame. */
import type { Random } from '../../src/base/random.ts';
import { AssetTable } from '../../src/catalog/assets.ts';
import type { Tables } from '../../src/catalog/cell-lods.ts';
import { CellTable } from '../../src/catalog/cells.ts';
import { type LodLimits, NO_LIMITS } from '../../src/catalog/lod-limits.ts';
import type { LodOptions, LodRule } from '../../src/catalog/lod-policy.ts';
import { LodPolicy } from '../../src/catalog/lod-policy.ts';
import { writeRule } from '../../src/catalog/lod-rules.ts';
import { createLodSet, limitLodSet } from '../../src/catalog/lod-sets.ts';
import { SlotTable } from '../../src/catalog/slots.ts';
import { PayloadTable } from '../../src/memory/payloads.ts';
import { TerrainTable } from '../../src/terrain/quadtree.ts';
import { mountCatalog } from './mount.ts';
import type { SyntheticWorld } from './synthetic-world.ts';

/** Everything that a LOD may depend on beside the distance. */
export interface LodScenario {
  options: Required<Pick<LodOptions, 'hysteresis' | 'finerHysteresis'>>;
  rule: LodRule;
  /** Limits of the cells of the first level. */
  level: Required<LodLimits>;
  k: number;
  errorPixels: number;
  bias: number;
  hidePerMeter: number;
  drawDistanceMeters: number;
}

const MODES = ['error', 'size', 'distance'] as const;

function randomLimits(random: Random): Required<LodLimits> {
  const finestLod = random() < 0.5 ? 0 : Math.floor(random() * 4);
  return {
    finestLod,
    coarsestLod: random() < 0.5 ? 4 : finestLod + Math.floor(random() * (5 - finestLod)),
    errorScale: random() < 0.5 ? 1 : 0.5 + random() * 2,
    maxDistanceMeters: random() < 0.7 ? Number.POSITIVE_INFINITY : 40 + random() * 200,
  };
}

/** Any combination of mode, limits, hysteresis, lens and bias. */
export function randomScenario(random: Random): LodScenario {
  const first = 10 + random() * 40;
  const general = new LodPolicy({
    mode: MODES[Math.floor(random() * 3)]!,
    sizesPixels: [400, 200, 100, 50].slice(0, 1 + Math.floor(random() * 4)),
    distancesMeters: [first, first * 1.7, first * 3, first * 3.2].slice(
      0,
      1 + Math.floor(random() * 4),
    ),
  }).general;
  return {
    options: { hysteresis: 1 + random() * 0.3, finerHysteresis: 1 + random() * 0.3 },
    rule: { ...general, ...(random() < 0.5 ? NO_LIMITS : randomLimits(random)) },
    level: random() < 0.3 ? NO_LIMITS : randomLimits(random),
    k: 300 + random() * 900,
    errorPixels: 1 + random() * 3,
    bias: random() < 0.5 ? 1 : 1 + random() * 2,
    hidePerMeter: random() < 0.3 ? Number.POSITIVE_INFINITY : 20 + random() * 300,
    drawDistanceMeters: random() < 0.5 ? Number.POSITIVE_INFINITY : 350,
  };
}

/** Mounts the world under the scenario's rules; cells of its first level follow set 1. */
export function mountScenario(synthetic: SyntheticWorld, scenario: LodScenario): Tables {
  const tables = {
    payloads: new PayloadTable(),
    assets: new AssetTable(scenario.options),
    slots: new SlotTable(8),
    cells: new CellTable(),
    terrain: new TerrainTable(),
  };
  mountCatalog(tables, synthetic.catalog);
  const { assets, cells } = tables;
  for (let row = 0; row < assets.count; row++)
    writeRule(assets, row, scenario.rule, scenario.errorPixels);
  assets.lodSets.push(createLodSet(assets.ids.length));
  limitLodSet(assets.lodSets[1]!, assets.general, scenario.level, 0, assets.count);
  for (let cell = 0; cell < cells.count; cell++)
    if (cells.levels[cell] === 0) cells.lodSets[cell] = 1;
  const errorPx = scenario.errorPixels * scenario.bias;
  assets.updateThresholds({
    kPerPixel: scenario.k / errorPx,
    perPixel: 1 / errorPx,
    hidePerMeter: scenario.hidePerMeter,
    drawDistanceMeters: scenario.drawDistanceMeters,
  });
  return tables;
}

/** An eye and how much farther away than for the reference things look through its lens. */
export interface Eye {
  at: readonly [number, number, number];
  factor: number;
}

/**
 * The target of one slot by the definition of the modes, without tables of thresholds: what the
 * fast way must agree with.
 */
export function naiveTarget(
  tables: Tables,
  scenario: LodScenario,
  isInLevel: boolean,
  asset: number,
  slot: number,
  eyes: readonly Eye[],
  current: number,
): number {
  const { assets, slots } = tables;
  const { rule, level } = scenario;
  const lodCount = assets.lodCounts[asset]!;
  const list = rule.mode === 'size' ? rule.sizesPixels : rule.distancesMeters;
  const listed = rule.mode === 'error' ? lodCount - 1 : list.length;
  let coarsest = Math.min(lodCount - 1, listed, rule.coarsestLod);
  let finest = Math.min(rule.finestLod, coarsest);
  if (isInLevel) {
    coarsest = Math.min(coarsest, level.coarsestLod);
    finest = Math.min(Math.max(finest, level.finestLod), coarsest);
  }
  const radius = assets.radii[asset]!;
  const tolerance = rule.errorScale * (isInLevel ? level.errorScale : 1) * scenario.bias;
  const from = (lod: number): number => {
    if (rule.mode === 'distance') return list[lod - 1]! / tolerance;
    if (rule.mode === 'size')
      return (2 * radius * scenario.k) / (list[lod - 1]! * tolerance) + radius;
    const errorPx = scenario.errorPixels * tolerance;
    return (assets.errors[asset * 5 + lod]! * scenario.k) / errorPx + radius;
  };
  const last = coarsest === 0 ? 0 : coarsest <= finest ? 0 : from(coarsest);
  const hide = Math.min(
    Math.max(radius * scenario.hidePerMeter + radius, last * 1.01),
    scenario.drawDistanceMeters,
    rule.maxDistanceMeters,
    isInLevel ? level.maxDistanceMeters : Number.POSITIVE_INFINITY,
  );
  const scale = slots.scales[slot]!;
  const [x, y, z] = slots.positions.subarray(slot * 3, slot * 3 + 3);
  const reach = rule.mode === 'distance' ? 0 : radius * scale;
  let distance = Number.POSITIVE_INFINITY;
  for (const { at, factor } of eyes) {
    const meters = Math.hypot(x! - at[0], y! - at[1], z! - at[2]);
    const seen = rule.mode === 'distance' ? meters : (meters - reach) * factor + reach;
    distance = Math.min(distance, seen / scale);
  }
  const isPassed = (threshold: number, lod: number): boolean => {
    if (current === 255) return distance >= threshold;
    const { hysteresis, finerHysteresis } = scenario.options;
    return distance >= (lod > current ? threshold * hysteresis : threshold / finerHysteresis);
  };
  if (isPassed(hide, lodCount)) return lodCount;
  for (let lod = coarsest; lod > finest; lod--)
    if (isPassed(Math.min(from(lod), hide), lod)) return lod;
  return finest;
}
