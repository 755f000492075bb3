/**
 * What must hold at the end of every frame, whatever the network, the bytes and the game do. Run
 * every simulated frame in tests; too slow for a game.
 */
import { hasComponent } from 'bitecs';
import { MAX_LODS } from '../base/limits.ts';
import { NO_LOD } from '../catalog/slots.ts';
import { LevelState } from '../level/level-machine.ts';
import { strongestWant } from '../level/level-wants.ts';
import { POOL_COUNT, POOL_NAMES, Pool } from '../memory/budget/pools.ts';
import { PayloadState } from '../memory/payloads.ts';
import { Gate } from '../systems/cell-membership.ts';
import type { StreamWorld } from '../world.ts';

/** Throws with a list of everything that does not hold. */
export function checkInvariants(world: StreamWorld): void {
  const broken: string[] = [];
  checkBytes(world, broken);
  checkRows(world, broken);
  checkMasks(world, broken);
  checkShown(world, broken);
  checkPlacements(world, broken);
  checkCells(world, broken);
  checkLevels(world, broken);
  if (broken.length > 0)
    throw new Error(`farfield: frame ${world.frame}: ${broken.slice(0, 10).join('; ')}`);
}

function checkBytes(world: StreamWorld, broken: string[]): void {
  const { budget, payloads } = world;
  const { state, residentBytes, reserveBytes } = payloads.columns;
  let resident = 0;
  let reserved = 0;
  for (let row = 0; row < payloads.count; row++) {
    if (state[row] === PayloadState.Resident) resident += residentBytes[row]!;
    if (state[row] === PayloadState.Pending || state[row] === PayloadState.Staged)
      reserved += reserveBytes[row]!;
  }
  const levelBytes = budget.use.residentOf(Pool.Levels);
  if (resident + levelBytes !== budget.residentBytes)
    broken.push(`resident rows hold ${resident} bytes, the budget says ${budget.residentBytes}`);
  if (reserved !== budget.reservedBytes)
    broken.push(`open rows reserve ${reserved} bytes, the budget says ${budget.reservedBytes}`);
  const used =
    resident +
    reserved +
    budget.unwantedBytes +
    budget.overheadBytes +
    Math.max(budget.sharedBytes, budget.use.geometryBytes);
  if (budget.usedBytes !== used + levelBytes)
    broken.push(`${budget.usedBytes} bytes used, but rows account for ${used + levelBytes}`);
  if (budget.usedBytes > budget.limitBytes)
    broken.push(`${budget.usedBytes} bytes used of a budget of ${budget.limitBytes}`);
  checkPools(world, broken);
}

/** Each pool holds what its rows hold, and no more than it may once its limit is met. */
function checkPools({ budget, payloads }: StreamWorld, broken: string[]): void {
  const c = payloads.columns;
  const held = new Float64Array(POOL_COUNT);
  let shared = 0;
  for (let row = 0; row < payloads.count; row++) {
    const isResident = c.state[row] === PayloadState.Resident;
    if (
      !isResident &&
      c.state[row] !== PayloadState.Pending &&
      c.state[row] !== PayloadState.Staged
    )
      continue;
    held[c.pool[row]!]! +=
      (isResident ? c.residentBytes : c.reserveBytes)[row]! - c.textureBytes[row]!;
    held[Pool.Texture]! += c.textureBytes[row]!;
    shared += c.sharedBytes[row]!;
  }
  for (const [pool, name] of POOL_NAMES.entries()) {
    if (pool === Pool.Levels) continue;
    const said = budget.use.heldOf(pool as Pool);
    if (said !== held[pool])
      broken.push(`rows of the pool ${name} hold ${held[pool]} bytes, the budget says ${said}`);
  }
  if (shared !== budget.use.geometryBytes)
    broken.push(
      `rows share ${shared} bytes of geometry, the budget says ${budget.use.geometryBytes}`,
    );
}

function checkRows(world: StreamWorld, broken: string[]): void {
  const { state, pool } = world.payloads.columns;
  for (let row = 0; row < world.payloads.count; row++) {
    const is = state[row];
    if ((is === PayloadState.Pending) !== world.pending.has(row))
      broken.push(`payload ${row} is in state ${is}, pending: ${world.pending.has(row)}`);
    if ((is === PayloadState.Staged) !== world.staged.has(row))
      broken.push(`payload ${row} is in state ${is}, staged: ${world.staged.has(row)}`);
    const isCounted = is === PayloadState.Resident && world.eviction.policyOf[pool[row]!]! >= 0;
    if (world.eviction.has(row) !== isCounted)
      broken.push(`payload ${row} is in state ${is}, known to a policy: ${!isCounted}`);
    if ((is === PayloadState.Resident) !== world.contents.has(row))
      broken.push(`payload ${row} is in state ${is}, content: ${world.contents.has(row)}`);
  }
}

function checkMasks(world: StreamWorld, broken: string[]): void {
  const { assets, payloads } = world;
  const { state } = payloads.columns;
  for (let asset = 0; asset < assets.count; asset++) {
    for (let lod = 0; lod < assets.lodCounts[asset]!; lod++) {
      const resident = state[assets.firstPayloads[asset]! + lod] === PayloadState.Resident;
      if (((assets.residentMasks[asset]! >> lod) & 1) !== (resident ? 1 : 0))
        broken.push(`${assets.names[asset]} LOD ${lod}: mask and state disagree`);
    }
  }
}

/** Every slot of an entity and every tile on screen shows something resident. */
function checkShown(world: StreamWorld, broken: string[]): void {
  const { slots, entities, assets, payloads, terrain, shownTiles, cells, visibleCells } = world;
  const { state } = payloads.columns;
  const { dense } = world.queries.requests;
  for (let i = 0; i < dense.length; i++) {
    const entity = dense[i]!;
    const shown = slots.shownLods[entity]!;
    if (shown === NO_LOD || entities.assets[entity]! < 0) continue;
    const payload = assets.firstPayloads[entities.assets[entity]!]! + shown;
    if (state[payload] !== PayloadState.Resident)
      broken.push(`entity ${entity} shows payload ${payload}, which is not resident`);
  }
  for (let i = 0; i < shownTiles.count; i++) {
    const payload = terrain.payloads[shownTiles.items[i]!]!;
    if (state[payload] !== PayloadState.Resident)
      broken.push(`terrain tile ${shownTiles.items[i]} is shown and not resident`);
  }
  for (let i = 0; i < visibleCells.count; i++) {
    const cell = visibleCells.items[i]!;
    for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
      const shown = cells.runShown[run]!;
      if (shown >= MAX_LODS) continue;
      const payload = assets.firstPayloads[cells.runAssets[run]!]! + shown;
      if (state[payload] !== PayloadState.Resident)
        broken.push(`run ${run} shows payload ${payload}, which is not resident`);
    }
  }
}

/** What is in the tree is what no gate keeps out; what is on screen is of that, and unveiled. */
function checkCells({ cells, cellTree, opened }: StreamWorld, broken: string[]): void {
  for (const { mount, isAdmitted } of opened) {
    if (!isAdmitted) continue;
    for (let cell = mount.firstCell; cell < mount.firstCell + mount.cellCount; cell++) {
      const isIn = cellTree.has(cell);
      if (isIn !== (cells.gates[cell] === 0))
        broken.push(`cell ${cell} is ${isIn ? '' : 'not '}in the tree, gates ${cells.gates[cell]}`);
      if (cells.shown[cell] && !(isIn && cells.isUnveiled(cell)))
        broken.push(`cell ${cell} is on screen, but is veiled or not in the tree`);
      if (cells.held[cell] && !cells.shown[cell])
        broken.push(`cell ${cell} holds what it shows, and shows nothing`);
    }
  }
}

/** A level that is active is shown, what stands in for it is not in the tree; one that is out is neither. */
function checkLevels(world: StreamWorld, broken: string[]): void {
  const { cells } = world;
  for (const level of world.levels) {
    if (!level) continue;
    const { name, state, isShown } = level;
    if (isShown === (cells.veiledLevels[level.row] === 1))
      broken.push(`level "${name}" and its veil disagree`);
    if (isShown ? IS_OUT[state] : state === LevelState.Active)
      broken.push(`level "${name}" is in state ${state}, shown: ${isShown}`);
    for (const cell of level.proxies)
      if ((state === LevelState.Active) !== ((cells.gates[cell]! & Gate.Proxy) !== 0))
        broken.push(`level "${name}" is in state ${state}, gates ${cells.gates[cell]} of a proxy`);
    if (level.heldProxies.length > 0 && (state === LevelState.Active || IS_OUT[state]))
      broken.push(`level "${name}" is in state ${state} and holds what stands in for it`);
    if (!level.isListed && (state !== LevelState.Unloaded || strongestWant(level) >= 0))
      broken.push(`level "${name}" is in state ${state} and is not looked at`);
  }
}

/** By state: nothing of the level is in. */
const IS_OUT: readonly boolean[] = [true, true, false, false, false, true, true];

/** Entities and the placements they stand for agree both ways, and with the game's world. */
function checkPlacements({ materialized, ecs, set, leaving }: StreamWorld, broken: string[]): void {
  const { Placement } = set.components;
  for (let i = 0; i < materialized.count; i++) {
    const entity = materialized.entities[i]!;
    const slot = materialized.slots[entity]!;
    if (materialized.entityAt(slot) !== entity)
      broken.push(`entity ${entity} stands for slot ${slot}, which another stands for`);
    if (!hasComponent(ecs, entity, Placement) || Placement.slot[entity] !== slot)
      broken.push(`entity ${entity} stands for slot ${slot}, its Placement does not say so`);
    if (leaving.has(entity)) broken.push(`entity ${entity} stands for slot ${slot} and is to go`);
  }
}
