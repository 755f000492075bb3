/**
 * A tab that has not got the files: asks the one that has. Nobody waits long: an owner that does not
 * answer in time is not asked again for a while, and what was asked counts as not cached.
 */
import type { Clock } from '../../base/clock.ts';
import { randomName } from '../../base/random.ts';
import { type CacheAccess, MAX_BEHIND_BYTES } from './access.ts';
import {
  type FromOwner,
  openChannel,
  ownerName,
  type ToOwner,
  type ToTab,
  tabName,
} from './tab-messages.ts';

/** A busy owner answers within some ten milliseconds. */
const ANSWER_MS = 500;
/** How long an owner that kept silent is left alone. */
const SILENCE_MS = 2000;

export interface TabClient extends CacheAccess {
  /** Calls that are open end without an answer: somebody else will have to be asked. */
  forgetCalls(): void;
}

interface Call {
  bytes: number;
  answer: (message: ToTab | null) => void;
}

export function createTabClient(cache: string, clock: Clock): TabClient {
  const from = randomName();
  const channel = openChannel(ownerName(cache));
  const answers = openChannel(tabName(cache, from));
  const calls = new Map<number, Call>();
  let lastCall = 0;
  let sentBytes = 0;
  let silentUntilMs = Number.NEGATIVE_INFINITY;

  const end = (call: number, message: ToTab | null): void => {
    const open = calls.get(call);
    if (!open) return;
    calls.delete(call);
    sentBytes -= open.bytes;
    open.answer(message);
  };
  /** Null: no answer in time. */
  const ask = (make: (call: number) => ToOwner, bytes = 0): Promise<ToTab | null> =>
    new Promise((resolve) => {
      if (clock.now() < silentUntilMs) {
        resolve(null);
        return;
      }
      const call = ++lastCall;
      const stopTimer = clock.after(ANSWER_MS, () => {
        silentUntilMs = clock.now() + SILENCE_MS;
        end(call, null);
      });
      const answer = (message: ToTab | null): void => {
        stopTimer();
        resolve(message);
      };
      calls.set(call, { bytes, answer });
      sentBytes += bytes;
      channel.postMessage(make(call));
    });

  answers.onmessage = ({ data }: MessageEvent<ToTab>) => end(data.call, data);
  channel.onmessage = ({ data }: MessageEvent<ToOwner | FromOwner>) => {
    if (data.type === 'owner') silentUntilMs = Number.NEGATIVE_INFINITY;
  };

  return {
    async read(keys) {
      const reply = await ask((call) => ({ type: 'read', from, call, keys }));
      return reply?.type === 'found' ? reply.found : keys.map(() => null);
    },
    write(key, bytes) {
      if (sentBytes + bytes.length > MAX_BEHIND_BYTES) return;
      const copy = Uint8Array.from(bytes);
      void ask((call) => ({ type: 'write', from, call, key, bytes: copy }), copy.length);
    },
    drop: (key) => channel.postMessage({ type: 'drop', key } satisfies ToOwner),
    async stats() {
      const reply = await ask((call) => ({ type: 'stats', from, call }));
      return reply?.type === 'stats' ? reply.stats : null;
    },
    async clear() {
      const reply = await ask((call) => ({ type: 'clear', from, call }));
      return reply?.type === 'cleared' && reply.done;
    },
    forgetCalls() {
      for (const call of [...calls.keys()]) end(call, null);
    },
    async close() {
      this.forgetCalls();
      channel.postMessage({ type: 'bye', from } satisfies ToOwner);
      channel.close();
      answers.close();
    },
  };
}
