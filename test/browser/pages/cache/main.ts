/** A tab with a worker that has a cache: `cachePage.call(name, args)` runs one of its calls. */
import { createSystemClock } from '../../../../src/base/clock.ts';
import { cached } from '../../../../src/io/cache/cached.ts';
import { opfsStore } from '../../../../src/io/cache/opfs-store.ts';
import type { CacheStats } from '../../../../src/io/cache/stats.ts';
import { memorySource } from '../../../../src/io/sources/memory.ts';

export interface CachePage {
  /** Last entry that the worker said it was writing. */
  progress: number;
  call(name: string, args: unknown[]): Promise<unknown>;
  /** What the page itself can do with a cache: nothing but pass it by, ask about it and clear it. */
  onPage(name: string): Promise<{
    sizes: number[];
    warnings: string[];
    stats: CacheStats | null;
    isCleared: boolean;
  }>;
}

const worker = new Worker(new URL('./cache.worker.ts', import.meta.url), { type: 'module' });
const waiting = new Map<number, (result: unknown) => void>();
let last = 0;

const cachePage: CachePage = {
  progress: -1,
  call(name, args) {
    const id = ++last;
    worker.postMessage({ id, name, args });
    return new Promise((resolve) => waiting.set(id, resolve));
  },
  async onPage(name) {
    const place = opfsStore({ name });
    const warnings: string[] = [];
    const source = cached(memorySource({ 'a-0123456789abcdef': new Uint8Array(50) }), place, {
      onWarning: (message) => warnings.push(message),
      clock: createSystemClock(),
    });
    const sizes: number[] = [];
    for (let i = 0; i < 3; i++) sizes.push((await source.read('a-0123456789abcdef', 0, 9)).length);
    return { sizes, warnings, stats: await place.stats(), isCleared: await place.clear() };
  },
};

worker.onmessage = ({ data }: MessageEvent) => {
  if ('progress' in data) cachePage.progress = data.progress;
  else waiting.get(data.id)?.(data.result);
};

(globalThis as { cachePage?: CachePage }).cachePage = cachePage;
