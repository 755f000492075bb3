/**
 * Data layers of the game, by name: all off at first. What is of a layer carries its row, with
 * `WHILE_OFF` where it is there while the layer is off.
 */
import { assert, describe } from '../base/assert.ts';
import { grown } from '../base/grown.ts';
import { NO_LAYER, WHILE_OFF } from '../io/bundle/format.ts';

/** Before the name of a layer: while it is off. */
const OFF_MARK = '!';

export class DataLayers {
  /** Raised with each switch. */
  version = 0;
  readonly #names: string[] = [];
  readonly #rows = new Map<string, number>();
  #on = new Uint8Array(16);

  /** Row of the layer of this name, which is made, off, where there is none. */
  rowOf(name: string): number {
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const row = this.#names.push(name) - 1;
    assert(row < WHILE_OFF - 1, `there are more than ${WHILE_OFF - 1} data layers`);
    if (row === this.#on.length) this.#on = grown(this.#on, row * 2);
    this.#rows.set(name, row);
    return row;
  }

  /** What `shows` is asked with of `winter`, of `!winter` (while it is off), or of '' (none). */
  valueOf(text: string): number {
    if (text === '') return NO_LAYER;
    const isInverted = text.startsWith(OFF_MARK);
    return isInverted ? this.rowOf(text.slice(1)) | WHILE_OFF : this.rowOf(text);
  }

  /** Whether what is of a layer (or of none) is there. */
  shows(value: number): boolean {
    if (value === NO_LAYER) return true;
    return this.isRowOn(value & ~WHILE_OFF) === ((value & WHILE_OFF) === 0);
  }

  isRowOn(row: number): boolean {
    return this.#on[row] === 1;
  }

  isOn(name: string): boolean {
    const row = this.#rows.get(name);
    return row !== undefined && this.isRowOn(row);
  }

  /** Switches; returns whether that changed anything. */
  set(name: string, isOn: boolean): boolean {
    const row = this.rowOf(name);
    if (this.isRowOn(row) === isOn) return false;
    this.#on[row] = isOn ? 1 : 0;
    this.version++;
    return true;
  }

  /** All that were ever named, in the order in which they were. */
  list(): { name: string; isOn: boolean }[] {
    return this.#names.map((name, row) => ({ name, isOn: this.isRowOn(row) }));
  }
}

/** Throws where this cannot be the name of a layer that is switched. */
export function checkLayerName(call: string, name: unknown): asserts name is string {
  assert(
    typeof name === 'string' && name !== '' && !name.startsWith(OFF_MARK),
    `${call}: expected the name of a data layer, without "${OFF_MARK}", got ${describe(name)}`,
  );
}
