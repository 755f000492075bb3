/** The arena of this library over real bytes: filled, moved, and compared. */
import { MoveList } from '../../../src/memory/arena/move-list.ts';
import { RangeArena } from '../../../src/memory/arena/range-arena.ts';
import type { Allocator } from './allocator.ts';
import { contentOf, isIntact } from './content.ts';
import type { FarfieldOptions } from './farfield.ts';

export interface FarfieldBytesOptions extends FarfieldOptions {
  /** Compares the bytes of every live range after every list of moves. */
  isChecked?: boolean;
  /** Leaves out every such copy: what the comparison must notice. */
  skipEvery?: number;
}

export function createFarfieldBytes(options: FarfieldBytesOptions): Allocator {
  const { name, capacityBytes, maxBytesPerFrame, isChecked, skipEvery, ...rest } = options;
  const arena = new RangeArena(capacityBytes, rest);
  const bytes = new Uint8Array(capacityBytes);
  const moves = new MoveList();
  const numbers = new Map<number, { number: number; sizeBytes: number }>();
  const corrupt = new Set<number>();
  let [filled, copies] = [0, 0];

  const check = (): void => {
    for (const [handle, { number, sizeBytes }] of numbers) {
      const offset = arena.offsetOf(handle);
      if (!isIntact(bytes.subarray(offset, offset + sizeBytes), number)) corrupt.add(number);
    }
  };
  return {
    name,
    allocate(sizeBytes) {
      const handle = arena.allocate(sizeBytes);
      if (handle < 0) return handle;
      const number = filled++;
      bytes.set(contentOf(number, sizeBytes), arena.offsetOf(handle));
      numbers.set(handle, { number, sizeBytes });
      return handle;
    },
    free(handle) {
      numbers.delete(handle);
      arena.free(handle);
    },
    get freeBytes() {
      return arena.freeBytes;
    },
    largestFreeBytes: () => arena.largestFreeBytes,
    defragment(wantedBytes) {
      moves.clear();
      const moved = arena.defragment(maxBytesPerFrame, moves, wantedBytes);
      for (let row = 0; row < moves.count; row++) {
        if (skipEvery && ++copies % skipEvery === 0) continue;
        const from = moves.from[row]!;
        bytes.copyWithin(moves.to[row]!, from, from + moves.bytes[row]!);
      }
      if (isChecked && moves.count > 0) check();
      return moved;
    },
    corruptRanges() {
      check();
      return corrupt.size;
    },
  };
}
