/**
 * The view of a memory flight: it draws nothing and keeps books of its own. What is resident, what each
 * slot shows, what went and came back soon; and whatever no real view could do is a problem.
 */
import type { ShowChanges, View } from '../../src/memory/view.ts';
import type { FlightWorld } from './flight-world.ts';

/** What comes back this soon should not have gone (s). */
export const RELOAD_SECONDS = 5;

/** More problems than this are not listed. */
const MAX_PROBLEMS = 20;

export class FlightView implements View {
  /** Payload of each slot of the world, -1 = nothing. */
  readonly shown: Int32Array;
  /** 1 while resident, by payload. */
  readonly resident: Uint8Array;
  /** Bytes of what is resident. */
  bytes = 0;
  uploads = 0;
  releases = 0;
  /** Uploads of what had gone less than `RELOAD_SECONDS` before. */
  reloads = 0;
  /** Bytes released since the beginning. */
  releasedBytes = 0;
  readonly problems: string[] = [];
  readonly #world: FlightWorld;
  readonly #firstSlot: number;
  readonly #releasedS: Float64Array;
  /** Slots that show each payload. */
  readonly #showing: Int32Array;
  readonly #nowS: () => number;

  /** @param firstSlot of the world in the plugin's table */
  constructor(world: FlightWorld, firstSlot: number, nowS: () => number) {
    const { placements } = world.options;
    this.#world = world;
    this.#firstSlot = firstSlot;
    this.#nowS = nowS;
    this.shown = new Int32Array(placements + world.tiles.errors.length).fill(-1);
    this.resident = new Uint8Array(world.payloadBytes.length);
    this.#showing = new Int32Array(world.payloadBytes.length);
    this.#releasedS = new Float64Array(world.payloadBytes.length).fill(Number.NEGATIVE_INFINITY);
  }

  upload(payload: number): void {
    if (this.resident[payload]) this.#object(`payload ${payload} was uploaded twice`);
    this.resident[payload] = 1;
    this.bytes += this.#world.payloadBytes[payload]!;
    this.uploads++;
    if (this.#nowS() - this.#releasedS[payload]! < RELOAD_SECONDS) this.reloads++;
  }

  release(payload: number): void {
    if (!this.resident[payload]) this.#object(`payload ${payload} was released, not uploaded`);
    if (this.#showing[payload]! > 0) this.#object(`payload ${payload} was released while shown`);
    this.resident[payload] = 0;
    this.bytes -= this.#world.payloadBytes[payload]!;
    this.releasedBytes += this.#world.payloadBytes[payload]!;
    this.releases++;
    this.#releasedS[payload] = this.#nowS();
  }

  show(changes: ShowChanges): void {
    for (let i = 0; i < changes.count; i++) {
      const to = changes.to[i]!;
      const from = changes.from[i]!;
      const start = changes.starts[i]! - this.#firstSlot;
      const end = changes.ends[i]! - this.#firstSlot;
      if (to >= 0 && !this.resident[to]) this.#object(`payload ${to} is shown, not uploaded`);
      for (let slot = start; slot < end; slot++)
        if (this.shown[slot] !== from)
          this.#object(`slot ${slot} shows ${this.shown[slot]}, the change says ${from}`);
      this.shown.fill(to, start, end);
      if (from >= 0) this.#showing[from] = this.#showing[from]! - (end - start);
      if (to >= 0) this.#showing[to] = this.#showing[to]! + end - start;
    }
  }

  move(): void {}

  #object(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }
}
