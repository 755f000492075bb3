/**
 * What a tab's worker does with a cache, on command: reads a world through it, fills it without an
 * end, checks what it holds.
 */
import { createSystemClock } from '../../../../src/base/clock.ts';
import type { CacheAccess, CachePlace } from '../../../../src/io/cache/access.ts';
import { cached } from '../../../../src/io/cache/cached.ts';
import { fileKey } from '../../../../src/io/cache/key.ts';
import { opfsStore } from '../../../../src/io/cache/opfs-store.ts';
import type { CacheStats } from '../../../../src/io/cache/stats.ts';
import type { ReadReport } from '../../../../src/io/source.ts';
import { httpSource } from '../../../../src/io/sources/http.ts';

export interface CacheCalls {
  open(name: string, quotaBytes: number): Promise<boolean>;
  /** Writes entries from `from` on, for ever unless there is a `to`; tells the page how far it is. */
  fill(from: number, to: number): Promise<null>;
  stop(): Promise<null>;
  /** How many of the entries are there, and how many of those are not what was written. */
  check(from: number, to: number): Promise<{ entries: number; wrong: number }>;
  stats(): Promise<CacheStats | null>;
  clear(): Promise<boolean>;
  close(): Promise<null>;
  warnings(): Promise<string[]>;
  /** Reads a world over HTTP, through the cache: a sum for each part, and what it cost. */
  readWorld(
    origin: string,
    key: string,
    file: string,
    size: number,
    part: number,
  ): Promise<ReadReport & { head: number; sums: number[]; error: string }>;
  /** From here on this tab knows of no other. */
  forgetChannels(): Promise<null>;
}

const warnings: string[] = [];
const onWarning = (message: string): void => void warnings.push(message);
let place: CachePlace;
let access: CacheAccess | null = null;
let isFilling = false;

/** The bytes of entry `name`: told by its name alone, so that any tab can check them. */
function bytesOf(name: number): Uint8Array<ArrayBuffer> {
  const size = 200 + ((name * 7919) % 15_000);
  return Uint8Array.from({ length: size }, (_, i) => name * 31 + i * 7 + (i >> 8));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const calls: CacheCalls = {
  async open(name: string, quotaBytes: number) {
    place = opfsStore({ name, quotaBytes });
    access = await place.open({ clock: createSystemClock(), onWarning });
    return access !== null;
  },
  async fill(from: number, to: number) {
    isFilling = true;
    for (let name = from; isFilling && name < to; name++) {
      access?.write(fileKey('tab', `${name}`), bytesOf(name));
      if (name % 4 === 0) {
        postMessage({ progress: name });
        await pause(1);
      }
    }
    return null;
  },
  async stop() {
    isFilling = false;
    return null;
  },
  async check(from: number, to: number) {
    const found = { entries: 0, wrong: 0 };
    for (let name = from; name < to; name += 32) {
      const names = Array.from({ length: Math.min(32, to - name) }, (_, i) => name + i);
      const all = await access?.read(names.map((one) => fileKey('tab', `${one}`)));
      all?.forEach((bytes, i) => {
        if (!bytes) return;
        found.entries++;
        if (!isSame(bytes, bytesOf(names[i]!))) found.wrong++;
      });
    }
    return found;
  },
  async stats() {
    return place.stats();
  },
  async clear() {
    return place.clear();
  },
  async close() {
    await access?.close();
    return null;
  },
  async warnings() {
    return warnings;
  },
  async readWorld(origin: string, key: string, file: string, size: number, part: number) {
    const source = cached(httpSource(origin), place, { key, onWarning });
    const parts = Array.from({ length: size / part }, (_, i) => ({
      start: i * part,
      end: (i + 1) * part,
    }));
    const sums: number[] = [];
    const sink = {
      onPart(index: number, bytes: Uint8Array): void {
        sums[index] = bytes.reduce((sum, byte, i) => (sum + byte * (1 + (i % 251))) % 1_000_003, 0);
      },
    };
    try {
      const head = await source.readAll('world.json');
      const report = await source.readParts!(file, parts, sink);
      return { head: head.length, sums, ...report, error: '' };
    } catch (error) {
      return { head: 0, sums, linkBytes: 0, cachedBytes: 0, firstByteMs: 0, error: `${error}` };
    } finally {
      await source.dispose?.();
    }
  },
  async forgetChannels() {
    (globalThis as { BroadcastChannel?: unknown }).BroadcastChannel = undefined;
    return null;
  },
};

addEventListener('message', async ({ data }: MessageEvent) => {
  const { id, name, args } = data as { id: number; name: keyof CacheCalls; args: never[] };
  const call = calls[name] as (...args: never[]) => Promise<unknown>;
  postMessage({ id, result: await call(...args) });
});
