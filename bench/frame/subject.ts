/** What the frame benchmark measures: one streamer on one world on one flight. */
import type { Flight } from './flight.ts';

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
   * Goes to the first pose of the flight and waits until nothing more is loading there. After it
   * the same frames give the same decisions, however often it was called before.
   */
  reset(flight: Flight): Promise<void>;
  /**
   * Goes to the pose of frame `frame` and does one frame there, `DT_SECONDS` after the last:
   * everything the streamer does on the main thread. This is what is timed.
   */
  step(frame: number): void;
  /** Of the last frame. */
  count(): FrameCount;
  /** Between frames, untimed: lets asynchronous work settle. */
  settle?(): Promise<void>;
  /** What it has decided in the last frame, as text that differs when the decision does. */
  decision?(): string;
  dispose(): Promise<void> | void;
}

/** A subject whose selection can be made larger or smaller, to compare at equal work. */
export interface TunableSubject extends Subject {
  /** Whether it can fly this at all; why not, else. */
  refuses(flight: Flight): string | null;
  /**
   * Makes its world and tunes it so that about `target` items are used at the start of the flight.
   * Resolves with the number reached.
   */
  matchUsed(target: number, flight: Flight): Promise<number>;
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
}
