/**
 * What lies beside a cooked world as `demo.json`: where the villages are, where to start and where
 * to fly. The tools write it, the demo reads it.
 */

export type Triple = [number, number, number];

/** A settlement. It is a level of the cooked world, and the demo authors its streaming volume. */
export interface DemoVillage {
  /** Name of the level in the cooked world. */
  level: string;
  title: string;
  /** Meters, on the ground. */
  center: Triple;
  radius: number;
}

/** A camera and a point it looks at, meters. */
export interface DemoPose {
  position: Triple;
  target: Triple;
}

/** A room inside of a house, as a level of its own. */
export interface DemoInterior {
  level: string;
  title: string;
  /** Middle of the room, and its edges along its own x, y, z (meters). */
  center: Triple;
  size: Triple;
  /** Turn about +y. */
  yawRadians: number;
  /** In front of the door, and inside. */
  outside: DemoPose;
  inside: DemoPose;
}

/** A single thing that the game itself asks for. */
export interface DemoLandmark {
  asset: string;
  position: Triple;
  headingRadians: number;
  scale: number;
  /** The finest LOD to hold for good. */
  pinnedLod: number;
}

/** Something that goes round and round on a closed course. */
export interface DemoVessel {
  asset: string;
  /** Closed course, meters. */
  points: Triple[];
  metersPerSecond: number;
  scale: number;
  /** Whether it rocks on the waves. */
  floats: boolean;
}

export interface DemoWorld {
  title: string;
  /** Path of the cooked world's head, from this file. */
  head: string;
  /** Side of the square world around the origin. */
  sizeMeters: number;
  /** Height of the sea, or null inland. */
  seaLevelMeters: number | null;
  /** Bytes that the demo starts with. */
  budgetBytes: number;
  villages: DemoVillage[];
  interiors: DemoInterior[];
  landmarks: DemoLandmark[];
  vessels: DemoVessel[];
  spawn: DemoPose;
  /** A closed Catmull-Rom spline, and what to look at from each of its points. */
  autopilot: { points: Triple[]; targets: Triple[]; metersPerSecond: number };
  /** Picture of the world from above, from this file. */
  map: string;
  /** Grayscale picture of the sea's depth: 255 = `depthRangeMeters` or deeper; null inland. */
  depth: string | null;
  depthRangeMeters: number;
  /** Who made what is seen. */
  credits: string[];
}
