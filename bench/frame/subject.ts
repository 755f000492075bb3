/** What the frame benchmark measures: one streamer on one world on one flight. */

/** What one frame came to. */
export interface FrameCount {
  /** Items that are part of the picture's current selection: placements shown, tiles used. */
  used: number;
  /** Items or tree nodes that were looked at to find them, where the streamer says so. */
  visited?: number;
}

/** A streamer under test. */
export interface Subject {
  /** For reports. */
  readonly name: string;
  readonly version: string;
  /**
   * Opens a world of about `placements` items around the origin and waits until nothing more is
   * loading at the first pose of the flight.
   */
  open(placements: number, seed: number): Promise<{ openMs: number; bytesPerPlacement: number }>;
  /**
   * Goes to `poseAt(frame)` and does one frame there, `FLIGHT.dtSeconds` after the last: everything
   * the streamer does on the main thread. This is what is timed.
   */
  frame(frame: number): FrameCount;
  /** Between frames, untimed: lets asynchronous work settle. */
  settle?(): Promise<void>;
  dispose(): Promise<void> | void;
}

/** A subject whose selection can be made larger or smaller, to compare at equal work. */
export interface TunableSubject extends Subject {
  /**
   * Tunes it so that about `target` items are used at `poseAt(frame)`, and waits until nothing is
   * loading there. Resolves with the number reached. Called after `open`.
   */
  matchUsed(target: number, frame: number): Promise<number>;
  /** JS heap per item it has touched so far (bytes). */
  bytesPerItem(): number;
}

/** A measured subject. Times are CPU milliseconds of the main thread. */
export interface Measured {
  name: string;
  version: string;
  /** Mean over the measured frames. */
  used: number;
  /** Mean over the measured frames, where the streamer says so. */
  visited: number | null;
  updateMsMedian: number;
  updateMsP99: number;
  /** All CPU of the measured frames by all items used in them. */
  microsecondsPerUsed: number;
  openMs: number;
  bytesPerPlacement: number;
}
