/** Occlusion weights from outside: checked here, as a whole, before any of them counts. */
import { assert, assertNumber, describe } from '../base/assert.ts';
import { FULLY_HIDDEN } from '../catalog/occlusion.ts';
import type { StreamWorld } from '../world.ts';

export function setOcclusion(
  world: StreamWorld,
  slots: ArrayLike<number>,
  hidden: ArrayLike<number>,
  count: number = slots?.length,
): void {
  checkSlots(world, 'setOcclusion', slots, count);
  checkList('setOcclusion', 'hidden', hidden, count);
  for (let i = 0; i < count; i++) {
    const isByte = Number.isInteger(hidden[i]) && hidden[i]! >= 0 && hidden[i]! <= FULLY_HIDDEN;
    if (isByte) continue;
    const seen = describe(hidden[i]);
    assert(
      false,
      `setOcclusion: hidden[${i}] must be a whole number from 0 (in sight) to ${FULLY_HIDDEN} (hidden), got ${seen}`,
    );
  }
  let changed = false;
  for (let i = 0; i < count; i++)
    changed = world.occlusion.write(slots[i]!, hidden[i]!, world.slots.count) || changed;
  if (changed) rescoreSoon(world);
}

export function markSeen(
  world: StreamWorld,
  slots: ArrayLike<number>,
  count: number = slots?.length,
): void {
  checkSlots(world, 'markSeen', slots, count);
  let changed = false;
  for (let i = 0; i < count; i++)
    changed = world.occlusion.write(slots[i]!, 0, world.slots.count) || changed;
  if (changed) rescoreSoon(world);
}

/** The next sweep begins as soon as the running one has ended. */
function rescoreSoon(world: StreamWorld): void {
  world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
}

function checkList(call: string, name: string, list: ArrayLike<number>, count: number): void {
  const length = list?.length;
  assert(
    typeof list === 'object' && Number.isInteger(length),
    `${call}: ${name} must be an array of numbers, got ${describe(list)}`,
  );
  assertNumber(`${call}: count`, count, 0);
  assert(
    Number.isInteger(count) && count <= length,
    `${call}: count is ${count}, but ${name} has ${length} entries`,
  );
}

function checkSlots(
  world: StreamWorld,
  call: string,
  slots: ArrayLike<number>,
  count: number,
): void {
  checkList(call, 'slots', slots, count);
  const end = world.slots.count;
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!;
    if (Number.isInteger(slot) && slot >= 0 && slot < end) continue;
    assert(
      false,
      `${call}: slots[${i}] must be a slot in use, a whole number from 0 to ${end - 1}, got ` +
        `${describe(slot)}; slotOfEntity gives -1 for entities that have none`,
    );
  }
}
