/** Tables of placements that tests hand to the cook. */
import type { PlacementTable } from '../../cook/index.ts';

/** Nothing stands anywhere: assets are asked for by name. */
export const NO_PLACEMENTS: PlacementTable = {
  assetNames: [],
  assets: new Uint32Array(0),
  positions: new Float32Array(0),
  rotations: new Float32Array(0),
  scales: new Float32Array(0),
};
