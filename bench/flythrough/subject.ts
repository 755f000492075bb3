/** What can be flown: the plugin, the reference policies, and what should fail. */
import type { Reports } from './ledger.ts';
import type { Link } from './link.ts';
import type { World } from './world.ts';

/** Where the camera is in one frame: position (m) and heading (radians, 0 along +x, toward +y). */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly yaw: number;
}

/** Everything a subject is given before the first frame. There is no way from here to the path. */
export interface SubjectContext {
  readonly world: World;
  readonly budgetBytes: number;
  /** The way to bytes. The harness advances it before each frame. */
  readonly link: Link;
  /** Whatever happens to an asset is reported here, when it happens. */
  readonly reports: Reports;
}

/** A policy in flight. Where a method returns a promise the harness waits for it. */
export interface Subject {
  /** Called after each moment at which requests completed, inside a frame's time: fill the slots. */
  delivered?(): Promise<void> | void;
  /** The camera will jump to `pose` in `etaS` seconds. Called once, where a scenario announces. */
  announce?(pose: Pose, etaS: number): void;
  /** One frame, after the link has advanced to it. Poses come one at a time. */
  frame(frame: number, pose: Pose): Promise<void> | void;
  /** Best level that can be shown of each object now, -1 none. Read at once, never kept. */
  best(): Int8Array;
  /** Bytes held and reserved now. */
  usedBytes(): number;
  dispose?(): Promise<void> | void;
}

export type CreateSubject = (context: SubjectContext) => Promise<Subject> | Subject;
