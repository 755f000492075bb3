/**
 * The port of order: a game's own idea of what to ask for first. It reads columns, writes numbers, and
 * decides nothing else: what must be there goes first whatever it says, and what leaves memory is
 * decided by value, so that a poor scorer costs time and never the picture.
 */

/** Numbers to read: a copy, which is filled anew for each call and must not be kept. */
export type ScorerColumn = ArrayLike<number>;

/**
 * One row per asset; columns "per LOD" hold five numbers a row, at `row * 5 + lod`, LOD 0 the finest.
 * What is said of an asset holds for all its placements and entities together.
 */
export interface ScorerColumns {
  /** Rows. Those of closed worlds stay for a while, with 0 LODs. */
  readonly count: number;
  readonly names: readonly string[];
  readonly lodCounts: ScorerColumn;
  /** As cooked; what requests say is in `areas` and `classic`. */
  readonly importances: ScorerColumn;
  /**
   * Per LOD: how much of the picture (share, weighted by importance, visibility, occlusion and pose)
   * needs exactly this LOD. Nothing wants an asset whose areas are all 0.
   */
  readonly areas: ScorerColumn;
  /** Per LOD: expected visible error that loading it would remove (share of the picture), 0 at least. */
  readonly gains: ScorerColumn;
  /** Per LOD: what it costs the link (bytes, latency and decoding included). */
  readonly prices: ScorerColumn;
  /** `importance · max(0, 1 − d / range) · (1 + frustumBonus) · (1 + velocityBonus)` at best. */
  readonly classic: ScorerColumn;
  /** From a viewpoint to the center of the nearest placement (meters); Infinity: none is near. */
  readonly distances: ScorerColumn;
  /** Bit i: something in view now has LOD i as its target. */
  readonly inView: ScorerColumn;
  /** Bit i: LOD i can be shown. */
  readonly residentMasks: ScorerColumn;
  /** Bit i: LOD i is on its way. A score of 0 withdraws it. */
  readonly pendingMasks: ScorerColumn;
  /** Bit i: LOD i failed and is not asked for again yet, whatever its score. */
  readonly waitingMasks: ScorerColumn;
  /** Bit i: LOD i must be there. It is asked for before everything that is scored. */
  readonly pinnedMasks: ScorerColumn;
  /** Per LOD. */
  readonly encodedBytes: ScorerColumn;
  /** Per LOD: what it takes of the budget once shown. */
  readonly residentBytes: ScorerColumn;
}

/** Scores are from 0 (not wanted) to this. */
export const MAX_SCORE = 1e12;

/**
 * Scores payloads: higher is asked for sooner, 0 not at all.
 *
 * Called whenever demand has changed, up to once a frame, so it should allocate nothing and be a pure
 * function of the columns. What throws, or writes a number that is none, is reported once, and
 * `value` orders that time.
 *
 * @param columns read during the call only
 * @param out per LOD, zeros at first; finite and from 0 to 1e12. Only ratios and order matter: six
 *   times the score of something on its way takes its place
 */
export type ScoreFunction = (columns: ScorerColumns, out: Float64Array) => void;

export interface Scorer {
  /** For messages. */
  readonly name: string;
  score: ScoreFunction;
}
