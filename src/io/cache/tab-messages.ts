/**
 * What tabs that share a cache say to each other, and channels to say it on. In Node the threads of a
 * process do the same.
 */
import type { Bytes } from '../source.ts';
import type { CacheKey } from './key.ts';
import type { CacheStats } from './stats.ts';

/** To whoever owns the files; all hear it, only the owner answers. */
export type ToOwner =
  | { type: 'read'; from: string; call: number; keys: readonly CacheKey[] }
  | { type: 'write'; from: string; call: number; key: CacheKey; bytes: Bytes }
  | { type: 'drop'; key: CacheKey }
  | { type: 'stats' | 'clear'; from: string; call: number }
  /** A tab says good-bye: nothing is sent to it any more. */
  | { type: 'bye'; from: string };

/** From the owner to one tab, on a channel of that tab's own: bytes are copied for each listener. */
export type ToTab =
  | { type: 'found'; call: number; found: (Bytes | null)[] }
  | { type: 'wrote'; call: number }
  | { type: 'stats'; call: number; stats: CacheStats | null }
  | { type: 'cleared'; call: number; done: boolean };

/** The owner to all: it has the files open and answers. */
export type FromOwner = { type: 'owner' };

/** The lock that its owner holds, and the channel on which it is asked. */
export function ownerName(cache: string): string {
  return `farfield-cache ${cache}`;
}

/** The channel on which one tab is answered. */
export function tabName(cache: string, tab: string): string {
  return `farfield-cache ${cache} ${tab}`;
}

/** In Node a channel that listens keeps the process alive; a cache alone must not. */
export function openChannel(name: string): BroadcastChannel {
  const channel = new BroadcastChannel(name);
  (channel as { unref?: () => void }).unref?.();
  return channel;
}
