/**
 * Which entities stand for which placements: a slot has at most one entity, an entity at most one
 * slot. Both directions change together, here and nowhere else.
 */

export class PlacementEntities {
  /** Those that stand for a placement, `count` of them, in no order. */
  readonly entities: Uint32Array;
  count = 0;
  /** By entity: the slot it stands for, or -1. */
  readonly slots: Int32Array;
  /** By entity: the cell of that slot. */
  readonly cells: Uint32Array;
  readonly #places: Uint32Array;
  readonly #bySlot = new Map<number, number>();

  /** @param capacity the largest entity id */
  constructor(capacity: number) {
    this.entities = new Uint32Array(capacity + 1);
    this.slots = new Int32Array(capacity + 1).fill(-1);
    this.cells = new Uint32Array(capacity + 1);
    this.#places = new Uint32Array(capacity + 1);
  }

  /** The entity that stands for a slot, or 0. */
  entityAt(slot: number): number {
    return this.#bySlot.get(slot) ?? 0;
  }

  /** Neither of the two may stand for anything yet. */
  link(entity: number, slot: number, cell: number): void {
    this.slots[entity] = slot;
    this.cells[entity] = cell;
    this.#bySlot.set(slot, entity);
    this.#places[entity] = this.count;
    this.entities[this.count++] = entity;
  }

  /** Whether it stood for something; the last of `entities` takes its place. */
  unlink(entity: number): boolean {
    const slot = this.slots[entity] ?? -1;
    if (slot < 0) return false;
    this.slots[entity] = -1;
    this.#bySlot.delete(slot);
    const last = this.entities[--this.count]!;
    this.entities[this.#places[entity]!] = last;
    this.#places[last] = this.#places[entity]!;
    return true;
  }
}
