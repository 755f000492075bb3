/** Copies what scorers may read out of the world's tables. */
import { MAX_LODS } from '../../base/limits.ts';
import type { ScorerTable } from '../../memory/scorer-table.ts';
import type { StreamWorld } from '../../world.ts';
import { priceOf } from '../price.ts';
import { gainOfLod } from './value.ts';

/** Allocates only when assets have come or gone. */
export function fillColumns(world: StreamWorld, table: ScorerTable): void {
  const { assets } = world;
  const { count } = assets;
  table.resize(count);
  for (let row = 0; row < count; row++) {
    table.names[row] = assets.names[row]!;
    table.lodCounts[row] = assets.lodCounts[row]!;
    table.importances[row] = assets.importances[row]!;
    table.classic[row] = assets.classic[row]!;
    table.distances[row] = assets.nearest[row]!;
    table.inView[row] = assets.inView[row]!;
    table.residentMasks[row] = assets.residentMasks[row]!;
    table.pendingMasks[row] = assets.pendingMasks[row]!;
    table.pinnedMasks[row] = assets.pinnedMasks[row]!;
    table.waitingMasks[row] = 0;
    for (let lod = 0; lod < MAX_LODS; lod++)
      if (lod < assets.lodCounts[row]!) fillLod(world, table, row, lod);
      else clearLod(table, row * MAX_LODS + lod);
  }
  table.scores.fill(0);
}

function clearLod(table: ScorerTable, at: number): void {
  table.areas[at] = 0;
  table.gains[at] = 0;
  table.prices[at] = 0;
  table.encodedBytes[at] = 0;
  table.residentBytes[at] = 0;
}

function fillLod(world: StreamWorld, table: ScorerTable, row: number, lod: number): void {
  const { assets, payloads, clock } = world;
  const { columns } = payloads;
  const payload = assets.firstPayloads[row]! + lod;
  const base = row * MAX_LODS;
  const bit = 1 << lod;
  table.areas[base + lod] = assets.buckets[base + lod]!;
  table.prices[base + lod] = priceOf(world, payload);
  table.encodedBytes[base + lod] = columns.encodedBytes[payload]!;
  table.residentBytes[base + lod] = columns.residentBytes[payload]!;
  if (assets.failedMasks[row]! & bit && columns.retryAtMs[payload]! > clock.now())
    table.waitingMasks[row] = table.waitingMasks[row]! | bit;
  table.gains[base + lod] = assets.residentMasks[row]! & bit ? 0 : gainOfLod(world, row, lod);
}
