/**
 * Where rows of a table go that is copied into a new order piece by piece: rows are taken one after
 * the other, and a pass moves all live ones to a free stretch below or above those of the pass
 * before. Rows are numbers here; the caller owns the columns and makes them as long as `top`.
 */
export interface Arena {
  /** First row that may be live. */
  low: number;
  /** Row that is given out next. */
  next: number;
  /** Rows from here on are live; `next` may not reach them. */
  limit: number;
  /** All rows from here on are free. */
  top: number;
  /** First row of the running or last pass. */
  start: number;
}

export function createArena(): Arena {
  return { low: 0, next: 0, limit: Number.POSITIVE_INFINITY, top: 0, start: 0 };
}

/** Takes `count` rows next to each other; returns the first. */
export function takeRows(arena: Arena, count: number): number {
  if (arena.next + count > arena.limit) {
    // More rows came during the pass than were foreseen: the rest goes above all others.
    arena.next = arena.top;
    arena.limit = Number.POSITIVE_INFINITY;
    arena.start = 0;
  }
  const first = arena.next;
  arena.next += count;
  arena.top = Math.max(arena.top, arena.next);
  return first;
}

/** Begins to move all live rows, about `count`, to a free stretch. */
export function beginMove(arena: Arena, count: number): void {
  const fits = arena.low >= count;
  arena.next = fits ? 0 : arena.top;
  arena.limit = fits ? arena.low : Number.POSITIVE_INFINITY;
  arena.start = arena.next;
}

/** Every live row has been moved: what lay elsewhere is free. */
export function endMove(arena: Arena): void {
  arena.low = arena.start;
  arena.limit = Number.POSITIVE_INFINITY;
  arena.top = arena.next;
}
