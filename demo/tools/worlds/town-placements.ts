/** Models in rings around each town: the larger the town, the more and the taller. */
import { type HeightGrid, heightAt } from '../../../cook/heights.ts';
import { createRandom } from '../../../src/base/random.ts';
import type { Triple } from '../../app/world-file.ts';
import type { PlacementTable } from '../../world/types.ts';
import type { ModelSize } from './model-sizes.ts';

export interface PlacedTown {
  name: string;
  population: number;
  /** On the ground. */
  center: Triple;
  radius: number;
}

/** Every model stands about so high, or so wide where that is more (meters). */
const MODEL_METERS = 22;
const SEED = 20;

export function placeTowns(
  towns: readonly PlacedTown[],
  models: readonly ModelSize[],
  grid: HeightGrid,
): PlacementTable {
  const random = createRandom(SEED);
  const rows: { model: number; position: Triple; turn: number; scale: number }[] = [];
  for (const { center, radius, population } of towns) {
    const count = Math.round(14 + Math.min(420, Math.sqrt(population) * 0.9));
    for (let i = 0; i < count; i++) {
      const model = Math.floor(random() * models.length);
      const size = models[model]!;
      // The first stands in the middle, twice as tall as the rest.
      const away = i === 0 ? 0 : radius * Math.sqrt(random());
      const angle = random() * Math.PI * 2;
      const tall = (i === 0 ? 2 : 0.7 + 0.6 * random()) * MODEL_METERS;
      const scale = tall / Math.max(size.height, size.reach * 1.2, 1e-3);
      const x = center[0] + Math.cos(angle) * away;
      const z = center[2] + Math.sin(angle) * away;
      const y = heightAt(grid, x, z) - size.lowest * scale;
      rows.push({ model, position: [x, y, z], turn: random() * Math.PI * 2, scale });
    }
  }
  const table: PlacementTable = {
    assetNames: models.map(({ name }) => name),
    assets: Uint32Array.from(rows, ({ model }) => model),
    positions: Float32Array.from(rows.flatMap(({ position }) => position)),
    rotations: new Float32Array(rows.length * 4),
    scales: Float32Array.from(rows, ({ scale }) => scale),
  };
  for (const [i, { turn }] of rows.entries()) {
    table.rotations[i * 4 + 1] = Math.sin(turn / 2);
    table.rotations[i * 4 + 3] = Math.cos(turn / 2);
  }
  return table;
}
