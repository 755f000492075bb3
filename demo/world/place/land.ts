/** Everything that planting and building ask of the land. */
import type { Biomes } from '../terrain/biomes.ts';
import type { Roads } from '../terrain/roads.ts';
import type { Relief } from '../terrain/shape.ts';
import type { Tavern, Vector3, Village } from '../types.ts';
import type { Taken } from './footprints.ts';
import type { Collector } from './table.ts';

export interface Land {
  seed: number;
  relief: Relief;
  roads: Roads;
  biomes: Biomes;
  villages: readonly Village[];
  cape: Vector3;
  taken: Taken;
  out: Collector;
  /** The first tavern that was built, furnished. */
  tavern: Tavern | null;
}
