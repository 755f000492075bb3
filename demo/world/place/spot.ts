/** What planting knows of a point. */

/** The land at one point. */
export interface Spot {
  x: number;
  z: number;
  height: number;
  slope: number;
  moisture: number;
  forest: number;
  openness: number;
  coast: number;
  cliff: number;
  /** Two smooth fields of chance in [0, 1], for groves and patches. */
  grove: number;
  patch: number;
  /** Kind of the field under it, or -1. */
  crop: number;
}
