/**
 * A disk in memory that can lose power: what was not flushed is then lost, kept or torn at any byte,
 * each write on its own and in any order. Files of a store, as tests of crashes need them.
 */
import type { Random } from '../../src/base/random.ts';
import type { BlockFile, CacheFiles } from '../../src/io/cache/block-file.ts';

type Buffer = Uint8Array<ArrayBuffer>;

/** Something that was done to a file and is not durable yet. */
type Change = { at: number; bytes: Buffer } | { size: number };

/** What is about to happen to file `file` (0 the pack, 1 and 2 the journals). */
export type Operation = { file: number } & (Change | { isFlush: true });

export interface CrashDiskOptions {
  /** Bytes that the files had when the disk was switched on. */
  contents?: readonly Buffer[];
  /** Bytes all files may have together; writing more throws, as a full device does. */
  capacityBytes?: number;
  /** Files whose `flush` does nothing, as some controllers are said to do. */
  liars?: readonly number[];
  /** Called before everything that changes the disk. */
  onOperation?: (operation: Operation) => void;
}

interface MemoryFile {
  durable: Buffer;
  seen: Buffer;
  changes: Change[];
}

export class CrashDisk {
  readonly files: CacheFiles;
  readonly #options: CrashDiskOptions;
  readonly #memory: MemoryFile[];

  constructor(options: CrashDiskOptions = {}) {
    this.#options = options;
    this.#memory = [0, 1, 2].map((i) => {
      const durable = options.contents?.[i] ?? new Uint8Array(0);
      return { durable, seen: durable, changes: [] };
    });
    const [pack, first, second] = this.#memory.map((_, i) => this.#open(i));
    this.files = { pack: pack!, journals: [first!, second!] };
  }

  /** Bytes of all files, as their owner sees them. */
  get bytes(): number {
    return this.#memory.reduce((sum, { seen }) => sum + seen.length, 0);
  }

  /** What the files would hold after an orderly end. */
  contents(): Buffer[] {
    return this.#memory.map(({ seen }) => seen.slice());
  }

  /**
   * What the files hold after power is lost in the middle of `last`, of whose bytes `cut` got
   * through. `mode`: nothing else that was not flushed survives, all of it, or what chance leaves.
   */
  afterPowerLoss(
    last: Operation,
    cut: number,
    mode: 'none' | 'all' | 'some',
    random: Random,
  ): Buffer[] {
    return this.#memory.map(({ durable, changes }, i) => {
      const mine = [...changes];
      if (last.file === i && 'bytes' in last && cut > 0)
        mine.push({ at: last.at, bytes: last.bytes.slice(0, cut) });
      if (last.file === i && 'size' in last && cut > 0) mine.push({ size: last.size });
      if (mode === 'none') return durable;
      const left = mode === 'all' ? mine : tear(mine, random);
      return left.reduce(apply, durable);
    });
  }

  #open(index: number): BlockFile {
    const memory = this.#memory[index]!;
    const { capacityBytes = Number.POSITIVE_INFINITY, liars = [], onOperation } = this.#options;
    const change = (one: Change): void => {
      onOperation?.({ file: index, ...one });
      const seen = apply(memory.seen, one);
      if (this.bytes - memory.seen.length + seen.length > capacityBytes)
        throw new Error('the device is full');
      memory.seen = seen;
      memory.changes.push(one);
    };
    return {
      get size() {
        return memory.seen.length;
      },
      readAt(target, at) {
        const bytes = memory.seen.subarray(at, at + target.length);
        target.set(bytes);
        return bytes.length;
      },
      writeAt: (bytes, at) => change({ at, bytes: bytes.slice() as Buffer }),
      truncate: (size) => change({ size }),
      flush() {
        onOperation?.({ file: index, isFlush: true });
        if (liars.includes(index)) return;
        memory.durable = memory.seen;
        memory.changes = [];
      },
      close: () => undefined,
    };
  }
}

function apply(bytes: Buffer, change: Change): Buffer {
  const size =
    'size' in change ? change.size : Math.max(bytes.length, change.at + change.bytes.length);
  const result = new Uint8Array(size);
  result.set(bytes.subarray(0, size));
  if ('bytes' in change) result.set(change.bytes, change.at);
  return result;
}

/** Half of the changes, some of them cut short, in another order. */
function tear(changes: readonly Change[], random: Random): Change[] {
  const left: { order: number; change: Change }[] = [];
  for (const change of changes) {
    if (random() < 0.5) continue;
    const isTorn = 'bytes' in change && random() < 0.5;
    left.push({
      order: random(),
      change: isTorn
        ? { at: change.at, bytes: change.bytes.slice(0, random() * change.bytes.length) }
        : change,
    });
  }
  return left.sort((a, b) => a.order - b.order).map(({ change }) => change);
}
