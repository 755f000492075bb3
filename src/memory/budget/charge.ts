/** What one payload takes of the budget: all that a change on its behalf has to be told. */
import type { Pool } from './pools.ts';

export interface Charge {
  /** Where all of it counts but its textures. */
  pool: Pool;
  /** Largest total of all copies alive at one time between request and upload. */
  reserveBytes: number;
  /** CPU and GPU copies once shown; at most `reserveBytes`. */
  residentBytes: number;
  /** How much of both counts to the pool of textures. */
  textureBytes: number;
  /** Geometry in buffers of the GPU that are paid for as a whole, beside both. */
  sharedBytes: number;
}
