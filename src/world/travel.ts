/** A travel: somewhere else is made ready before the camera goes there. */
import type { LoadingFailure, Waiting } from './loading.ts';

/** What a travel ends with. */
export interface TravelResult {
  /** What was waited for and is there. */
  reached: 'levels' | 'complete' | 'settled';
  waitedMs: number;
  /** Bytes over the link meanwhile, for the destination or not. */
  fetchedBytes: number;
  /** Slots and tiles that would be in view there and have nothing to show. */
  holes: number;
  /** What failed of what was waited for: it is shown without. */
  failures: readonly LoadingFailure[];
  /** Whether a loading screen was shown. */
  hadScreen: boolean;
}

export interface Travel {
  state: 'waiting' | 'arrived' | 'over';
  /** The viewpoint at the destination, and the loading screen, 0 = none yet. */
  readonly viewpoint: number;
  screen: number;
  readonly waiting: Waiting;
  /** `ViewReadiness`. */
  readonly readiness: number;
  readonly onFailure: 'reject' | 'wait' | 'continue';
  /** Infinity: none. */
  readonly screenAfterMs: number;
  /** What the screen is given, beside what it waits for. */
  readonly screenData: { minimumSeconds?: number };
  readonly timeoutMs: number;
  /** Clock time (ms) at which it began, its screen came, and it ended. */
  readonly startMs: number;
  screenMs: number;
  endMs: number;
  /** Of all that was fetched before. */
  readonly fetchedBytes: number;
  resolve(result: TravelResult): void;
  reject(error: unknown): void;
  /** Stops to hear of the game's wish to end it. */
  unhear(): void;
}
