/** The arena of this library, with or without its defragmentation. */
import { MoveList } from '../../../src/memory/arena/move-list.ts';
import { RangeArena } from '../../../src/memory/arena/range-arena.ts';
import type { Allocator } from './allocator.ts';

export interface FarfieldOptions {
  name: string;
  capacityBytes: number;
  /** Most bytes moved in a frame; 0: never any. */
  maxBytesPerFrame: number;
  /** See `RangeArenaOptions`; 1: only for requests that were refused. */
  calmFragmentation?: number;
}

export function createFarfield(options: FarfieldOptions): Allocator {
  const { name, capacityBytes, maxBytesPerFrame, ...rest } = options;
  const arena = new RangeArena(capacityBytes, rest);
  const moves = new MoveList();
  const allocator: Allocator = {
    name,
    allocate: (sizeBytes) => arena.allocate(sizeBytes),
    free: (handle) => arena.free(handle),
    get freeBytes() {
      return arena.freeBytes;
    },
    largestFreeBytes: () => arena.largestFreeBytes,
  };
  if (maxBytesPerFrame > 0)
    allocator.defragment = (wantedBytes) => {
      moves.clear();
      return arena.defragment(maxBytesPerFrame, moves, wantedBytes);
    };
  return allocator;
}
