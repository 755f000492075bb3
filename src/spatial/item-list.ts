/** Growing lists of items (cells, entities, slots) that queries append to. */
import { grown } from '../base/grown.ts';

export interface ItemList {
  items: Uint32Array;
  count: number;
}

export function createItemList(capacity: number = 1024): ItemList {
  return { items: new Uint32Array(capacity), count: 0 };
}

/** Makes room for `more` items after those in the list; grows, never shrinks. */
export function reserveItems(list: ItemList, more: number): void {
  const needed = list.count + more;
  if (needed <= list.items.length) return;
  list.items = grown(list.items, Math.max(needed, list.items.length * 2), list.count);
}

/** Adds an item at the end; grows, never shrinks. */
export function appendItem(list: ItemList, item: number): void {
  if (list.count === list.items.length) reserveItems(list, 1);
  list.items[list.count++] = item;
}

/** Exchanges what two lists hold, without copying. */
export function swapItems(a: ItemList, b: ItemList): void {
  const { items, count } = a;
  a.items = b.items;
  a.count = b.count;
  b.items = items;
  b.count = count;
}
