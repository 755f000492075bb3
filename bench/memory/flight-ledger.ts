/**
 * What a memory flight is held to, frame by frame: the budget and its pools by the plugin's own
 * figures, and what is resident by those of the view, which must agree with them.
 */
import type { StreamingStats } from '../../src/plugin.ts';
import type { FlightGame } from './flight-game.ts';

export class FlightLedger {
  frames = 0;
  /** Frames in which the total, or any pool, was over what held in that frame. */
  overBudgetFrames = 0;
  /** The most bytes over, in any frame or pool. */
  overBudgetBytes = 0;
  /** Frames in which the view holds other bytes than the plugin says. */
  differingFrames = 0;
  /** Frames that began with the budget lowered and more in use than it holds. */
  shrinkingFrames = 0;
  /** The most bytes that were let go in one frame while a lowered budget was come down to. */
  shrinkBytesMost = 0;
  /** The longest time from a lowered budget to no more in use than it (s). */
  shrinkSecondsMost = 0;
  #limitBytes = Number.POSITIVE_INFINITY;
  readonly #held = new Map<string, number>();
  #releasedBytes = 0;
  #shrinkingS = 0;

  /** After each frame. */
  note({ view }: FlightGame, stats: StreamingStats, frameSeconds: number): void {
    this.frames++;
    const isLowered = stats.limitBytes > stats.budgetBytes;
    let over = Math.max(0, stats.usedBytes - stats.limitBytes, view.bytes - stats.limitBytes);
    // On the way down to a lowered budget what holds only ever falls.
    if (isLowered) over = Math.max(over, stats.limitBytes - this.#limitBytes);
    for (const [name, pool] of Object.entries(stats.pools))
      over = Math.max(over, this.#poolOver(name, pool.residentBytes + pool.reservedBytes, pool));
    if (over > 0) this.overBudgetFrames++;
    this.overBudgetBytes = Math.max(this.overBudgetBytes, over);
    if (view.bytes !== stats.residentBytes) this.differingFrames++;
    this.#limitBytes = isLowered ? stats.limitBytes : stats.usedBytes;
    const released = view.releasedBytes - this.#releasedBytes;
    this.#releasedBytes = view.releasedBytes;
    this.#shrinkingS = isLowered ? this.#shrinkingS + frameSeconds : 0;
    if (!isLowered) return;
    this.shrinkingFrames++;
    this.shrinkBytesMost = Math.max(this.shrinkBytesMost, released);
    this.shrinkSecondsMost = Math.max(this.shrinkSecondsMost, this.#shrinkingS);
  }

  /** Call when the budget is changed: what holds begins anew at what is in use. */
  changed(usedBytes: number): void {
    this.#limitBytes = usedBytes;
  }

  /** A pool may be over a limit that was lowered, but then it never grows. */
  #poolOver(name: string, held: number, { maxBytes }: { maxBytes: number }): number {
    const before = this.#held.get(name) ?? 0;
    this.#held.set(name, held);
    return Math.max(0, held - Math.max(maxBytes, before));
  }
}
