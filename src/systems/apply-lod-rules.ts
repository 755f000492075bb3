/**
 * Reads: LOD rules, levels. Writes: limits and need errors of assets, sets of limits, cells' detail.
 * Called by: scale-lods.
 *
 * Brings rows in line with what the game has said about LODs: all rows when a rule changed, else
 * those that were opened since, so many a frame.
 */
import { writeDetail, writeRule } from '../catalog/lod-rules.ts';
import { createLodSet, limitLodSet } from '../catalog/lod-sets.ts';
import type { StreamWorld } from '../world.ts';

/** Runs of cells just opened that are looked at in one frame: half a millisecond. */
const RUNS_PER_FRAME = 65_536;

/** Returns true when thresholds must be computed anew. */
export function applyLodRules(world: StreamWorld): boolean {
  const { lod, lodScale, assets, cells, options } = world;
  const isPlain = lod.isPlain;
  const isSame =
    lodScale.ruleVersion === lod.version &&
    (isPlain || lodScale.rulePixels === options.errorPixels);
  const isWhole = assets.ruledCount === assets.count && cells.detailedCount === cells.count;
  // Rows begin with what holds where no rule was given.
  if (isSame && isPlain) return false;
  const isMoved = limitLevels(world);
  if (isSame && isWhole && !isMoved) return false;
  if (!isSame) rebuildSets(world);
  const areAssetsNew = assets.ruledCount < assets.count;
  applyToAssets(world, isSame ? assets.ruledCount : 0);
  // Until their turn comes, cells have the detail that held before, or without rules.
  if (!isSame) cells.detailedCount = 0;
  writeDetail(world, cells.detailedCount, RUNS_PER_FRAME);
  lodScale.ruleVersion = lod.version;
  lodScale.rulePixels = options.errorPixels;
  // Demand follows at once, not when the next sweep is due.
  world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
  const isRuled = !isSame || isMoved || areAssetsNew;
  // Which places an asset stands in may be known only now.
  if (isRuled) world.quality.areShadowsDue = true;
  return isRuled;
}

function applyToAssets(world: StreamWorld, firstRow: number): void {
  const { lod, assets, options } = world;
  for (let row = firstRow; row < assets.count; row++)
    // Rows of a world that is being opened have no name to go by until they are filled.
    if (assets.lodCounts[row]! > 0)
      writeRule(assets, row, lod.ruleFor(assets.names[row]!), options.errorPixels);
  let set = 1;
  for (const limits of lod.levels.sets)
    limitLodSet(assets.lodSets[set++]!, assets.general, limits, firstRow, assets.count);
  for (let row = firstRow; row < assets.count; row++)
    if (assets.refreshShown(row)) world.assetsDirty = true;
  assets.ruledCount = assets.count;
}

/** The sets of limits that levels have; those that have the same share one. */
function rebuildSets(world: StreamWorld): void {
  const { lod, assets } = world;
  assets.lodSets.length = 1;
  for (let i = 0; i < lod.levels.sets.length; i++)
    assets.lodSets.push(createLodSet(assets.ids.length));
}

/** Points the cells of each level to the set they follow. Returns true when any changed. */
function limitLevels(world: StreamWorld): boolean {
  const { lod, levels, cells } = world;
  let changed = false;
  for (const level of levels) {
    if (!level) continue;
    const set = lod.levels.rowOf(level.name);
    if ((level.lodSet ?? 0) === set) continue;
    level.lodSet = set;
    for (const cell of level.cells) cells.lodSets[cell] = set;
    cells.detailedCount = Math.min(cells.detailedCount, level.cells[0] ?? cells.count);
    changed = true;
  }
  return changed;
}
