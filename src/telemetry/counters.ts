/** Counters of the streaming itself: totals since install, and figures of the last frame. */
import { Ring } from './ring.ts';

export interface FrameStats {
  /** Totals. */
  payloadsLoaded: number;
  payloadsEvicted: number;
  payloadsFailed: number;
  cancelled: number;
  staleCompletions: number;
  fetchedBytes: number;
  uploadedBytes: number;
  /** Encoded bytes that were fetched and decoded, and left before the view ever wanted them. */
  unshownBytes: number;
  sweeps: number;
  /** Frames that ended over budget: always 0 unless the budget itself was lowered. */
  overBudgetFrames: number;
  /** Last frame. */
  visitedNodes: number;
  visibleCells: number;
  evaluatedCells: number;
  shownSlots: number;
  /** Slots in view that want to show something and have nothing to show. */
  holes: number;
  showChanges: number;
  candidates: number;
  /** The same by urgency class, most urgent first. */
  candidatesByClass: Uint32Array;
  /** Payloads that the view needs and memory has no room for, as of the last plan. */
  refused: number;
  uploads: number;
  structuralOps: number;
  /** Percentiles over the last 600 frames (milliseconds on the clock port). */
  beginMs: Ring;
  updateMs: Ring;
  commitMs: Ring;
}

const RING_FRAMES = 600;

export function createStats(): FrameStats {
  return {
    payloadsLoaded: 0,
    payloadsEvicted: 0,
    payloadsFailed: 0,
    cancelled: 0,
    staleCompletions: 0,
    fetchedBytes: 0,
    uploadedBytes: 0,
    unshownBytes: 0,
    sweeps: 0,
    overBudgetFrames: 0,
    visitedNodes: 0,
    visibleCells: 0,
    evaluatedCells: 0,
    shownSlots: 0,
    holes: 0,
    showChanges: 0,
    candidates: 0,
    candidatesByClass: new Uint32Array(5),
    refused: 0,
    uploads: 0,
    structuralOps: 0,
    beginMs: new Ring(RING_FRAMES),
    updateMs: new Ring(RING_FRAMES),
    commitMs: new Ring(RING_FRAMES),
  };
}
