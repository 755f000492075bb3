/** The tab that has the files: answers what other tabs ask. */
import type { CacheAccess } from './access.ts';
import {
  type FromOwner,
  openChannel,
  ownerName,
  type ToOwner,
  type ToTab,
  tabName,
} from './tab-messages.ts';

/** Answers until the returned function is called. */
export function serveTabs(cache: string, access: CacheAccess): () => void {
  const channel = openChannel(ownerName(cache));
  const tabs = new Map<string, BroadcastChannel>();
  const tell = (tab: string, message: ToTab): void => {
    const existing = tabs.get(tab);
    const answers = existing ?? openChannel(tabName(cache, tab));
    if (!existing) tabs.set(tab, answers);
    answers.postMessage(message);
  };
  const answer = async (message: ToOwner): Promise<void> => {
    switch (message.type) {
      case 'read': {
        const { from, call, keys } = message;
        return tell(from, { type: 'found', call, found: await access.read(keys) });
      }
      case 'write':
        access.write(message.key, message.bytes);
        return tell(message.from, { type: 'wrote', call: message.call });
      case 'drop':
        return access.drop(message.key);
      case 'stats': {
        const { from, call } = message;
        return tell(from, { type: 'stats', call, stats: await access.stats() });
      }
      case 'clear': {
        const { from, call } = message;
        return tell(from, { type: 'cleared', call, done: await access.clear() });
      }
      case 'bye':
        tabs.get(message.from)?.close();
        tabs.delete(message.from);
    }
  };
  channel.onmessage = ({ data }: MessageEvent<ToOwner | FromOwner>) => {
    if (data.type !== 'owner') void answer(data);
  };
  channel.postMessage({ type: 'owner' } satisfies FromOwner);
  return () => {
    channel.close();
    for (const answers of tabs.values()) answers.close();
  };
}
