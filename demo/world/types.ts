/**
 * What the island generator hands to the cook and to the demo. Everything in `IslandMetadata` is
 * plain JSON, because the browser demo reads it from a file.
 */

export type Vector3 = [number, number, number];

/** Every placed thing: row i of each array is one placement. */
export interface PlacementTable {
  /** Asset names (file names of the GLBs without extension) that `assets` points into. */
  assetNames: string[];
  /** Index into `assetNames`. */
  assets: Uint32Array;
  /** x, y, z per placement, meters, y up. */
  positions: Float32Array;
  /** Unit quaternion x, y, z, w per placement. */
  rotations: Float32Array;
  /** Uniform scale. */
  scales: Float32Array;
  /** Index into `IslandSources.levels`, or -1 for the open world. */
  levels?: Int16Array;
  /** Index into `layerNames`, or -1 for what is there in every season. */
  layers?: Int16Array;
  layerNames?: string[];
}

/** A named sphere whose placements load and unload together. */
export interface LevelVolume {
  name: string;
  center: Vector3;
  radius: number;
}

/** A settlement. `center` is its square, on the ground; `heading` is the main street in radians. */
export interface Village extends LevelVolume {
  title: string;
  heading: number;
}

/** The inside of a house that can be entered: a level of its own. */
export interface Tavern extends LevelVolume {
  /** Meters along its own x (the front), y and z (out of the door). */
  size: Vector3;
  /** Radians about y. */
  turn: number;
  /** In front of the door, and in the room. */
  outside: CameraPose;
  inside: CameraPose;
}

/** A camera: where it is and a point that it looks at, meters. */
export interface CameraPose {
  position: Vector3;
  target: Vector3;
}

/** A closed flight: a Catmull-Rom spline through `points`, looking at `targets`. */
export interface Autopilot {
  points: Vector3[];
  targets: Vector3[];
  lengthMeters: number;
}

export interface IslandMetadata {
  seed: number;
  /** Side of the square world, centered on the origin, meters. Sea level is y = 0. */
  sizeMeters: number;
  heightMeters: number;
  heightBase: number;
  villages: Village[];
  /** Null where no village has room for one. */
  tavern: Tavern | null;
  spawn: CameraPose;
  autopilot: Autopilot;
  /** Foot of the lighthouse and top of the highest mountain. */
  lighthouse: Vector3;
  summit: Vector3;
  assetCount: number;
  placementCount: number;
}

/** Input for one programmatic `cook` call, and what the demo needs to know of the world. */
export interface IslandSources {
  folder: string;
  /** Absolute paths of the GLBs, in name order. */
  inputs: string[];
  /** 16-bit grayscale PNG: `y = value / 65535 * height + heightBase`. Row 0 is z = -size / 2. */
  heightmap: string;
  /** Color of the ground over the same square, sRGB. */
  heightmapColor: string;
  /** Meters. */
  size: number;
  height: number;
  heightBase: number;
  levels: LevelVolume[];
  /** The same levels as a JSON file, for `--levels`. */
  levelsFile: string;
  placements: PlacementTable;
  metadata: IslandMetadata;
  /** `metadata` as a JSON file. */
  metadataFile: string;
}

export interface IslandOptions {
  /** Folder that receives the files; made if it is not there. */
  folder: string;
  /** Any 32-bit integer; the same seed gives the same bytes. */
  seed?: number;
  /** `small` is a reduced world for tests: a handful of models, 3,000 placements, 257² heights. */
  size?: 'full' | 'small';
  /** Called with a fraction in [0, 1] and what is being made. */
  onProgress?: (fraction: number, what: string) => void;
}
