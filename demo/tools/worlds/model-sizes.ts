/** How large the models of a folder are, so that they can be scaled and stood on the ground. */
import { findModels } from '../../../cook/inputs.ts';
import { loadModel } from '../../../cook/load-model.ts';

export interface ModelSize {
  name: string;
  /** Lowest point below (or above) the model's origin, and its height (meters). */
  lowest: number;
  height: number;
  /** Half the longer side of its plan. */
  reach: number;
}

export async function findModelSizes(folder: string): Promise<ModelSize[]> {
  const sizes: ModelSize[] = [];
  for (const { name, file } of await findModels([folder])) {
    const { parts } = await loadModel(file);
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (const { positions } of parts)
      for (let i = 0; i < positions.length; i++) {
        low[i % 3] = Math.min(low[i % 3]!, positions[i]!);
        high[i % 3] = Math.max(high[i % 3]!, positions[i]!);
      }
    const reach = Math.max(high[0]! - low[0]!, high[2]! - low[2]!) / 2;
    sizes.push({ name, lowest: low[1]!, height: high[1]! - low[1]!, reach });
  }
  return sizes;
}
