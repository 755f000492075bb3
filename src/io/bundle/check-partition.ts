/**
 * Checks what a directory says of layers, grids and proxies, and the order of cells that follows from
 * it: open world, then level by level; within each by data layer, then by the level stood in for.
 */
import { damaged } from './damage.ts';
import { type Directory, NO_GRID, NO_LAYER, NO_LEVEL, WHILE_OFF } from './format.ts';

/** Values looked at in one step. */
const STEP_ROWS = 8192;

/** Throws `StreamError(Decode)` naming the section, the row, what was seen and what was expected. */
export function* checkPartition(catalog: Directory): Generator<void> {
  const { counts } = catalog;
  if (counts.layers >= WHILE_OFF)
    throw damaged(`it claims ${counts.layers} layers, expected fewer than ${WHILE_OFF}`);
  checkGrids(catalog);
  yield* checkSquares(catalog);
  yield* checkCells(catalog);
}

function checkGrids({ counts, gridEdges, gridRanges, gridLayers }: Directory): void {
  for (let grid = 0; grid < counts.grids; grid++) {
    checkAbove0('GCEL', grid, gridEdges[grid]!);
    checkAbove0('GRNG', grid, gridRanges[grid]!);
    checkLayer('GLAY', grid, gridLayers[grid]!, counts.layers);
  }
}

/** A grid has a square once. */
function* checkSquares({ counts, levelGrids, levelSquares }: Directory): Generator<void> {
  const seen = new Map<number, number>();
  for (let level = 0; level < counts.levels; level++) {
    if (level % STEP_ROWS === 0) yield;
    const grid = levelGrids[level]!;
    if (grid === NO_GRID) continue;
    const [x, z] = [levelSquares[level * 2]!, levelSquares[level * 2 + 1]!];
    const key = (grid * 0x10000 + x + 0x8000) * 0x10000 + z + 0x8000;
    const other = seen.get(key);
    if (other !== undefined)
      throw damaged(
        `section LGXZ row ${level} is square ${x}, ${z} of grid ${grid}, as row ${other}`,
      );
    seen.set(key, level);
  }
}

function* checkCells(catalog: Directory): Generator<void> {
  const { counts, cellLevels, cellLayers, cellProxies } = catalog;
  for (let cell = 0; cell < counts.cells; cell++) {
    if (cell % STEP_ROWS === 0) yield;
    checkLayer('CLAY', cell, cellLayers[cell]!, counts.layers);
    if (cellProxies[cell] !== NO_LEVEL && cellLevels[cell] !== NO_LEVEL)
      throw damaged(
        `section CPRX row ${cell} is ${cellProxies[cell]} in a cell of level ${cellLevels[cell]}, expected ` +
          `${NO_LEVEL}: a proxy stands in the open`,
      );
    if (cell > 0) checkOrder(catalog, cell);
  }
}

/** None, which is 65535, comes first. */
function checkOrder({ cellLevels, cellLayers, cellProxies }: Directory, cell: number): void {
  for (const [tag, column] of [
    ['CLVL', cellLevels],
    ['CLAY', cellLayers],
    ['CPRX', cellProxies],
  ] as const) {
    const [before, after] = [column[cell - 1]!, column[cell]!];
    if (before === after) continue;
    if (((before + 1) & 0xffff) < ((after + 1) & 0xffff)) return;
    throw damaged(`section ${tag} falls from ${before} to ${after} at row ${cell}`);
  }
}

function checkAbove0(tag: string, row: number, meters: number): void {
  if (!(meters > 0)) throw damaged(`section ${tag} row ${row} is ${meters}, expected more than 0`);
}

function checkLayer(tag: string, row: number, layer: number, count: number): void {
  if (layer === NO_LAYER || (layer & ~WHILE_OFF) < count) return;
  const inverted = layer & WHILE_OFF ? ' (while it is off)' : '';
  throw damaged(
    `section ${tag} row ${row} is layer ${layer & ~WHILE_OFF}${inverted}, expected below ${count}`,
  );
}
