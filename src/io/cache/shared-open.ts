/** One access for all who open the same place in this thread: two owners would spoil each other. */
import type { CacheAccess } from './access.ts';

interface Shared {
  access: Promise<CacheAccess | null>;
  users: number;
}

const opened = new Map<string, Shared>();

/** @param place name of the place, the same for all who mean the same files */
export async function openShared(
  place: string,
  open: () => Promise<CacheAccess | null>,
): Promise<CacheAccess | null> {
  const shared = opened.get(place) ?? { access: open(), users: 0 };
  opened.set(place, shared);
  shared.users++;
  const leave = async (): Promise<boolean> => {
    if (--shared.users > 0) return false;
    opened.delete(place);
    return true;
  };
  const access = await shared.access;
  if (!access) {
    await leave();
    return null;
  }
  let isClosed = false;
  return {
    ...access,
    async close() {
      if (isClosed) return;
      isClosed = true;
      if (await leave()) await access.close();
    },
  };
}

/** Does something with what is open in this thread; null where that is nothing. */
export async function withOpened<T>(
  place: string,
  work: (access: CacheAccess) => Promise<T>,
): Promise<T | null> {
  const access = await opened.get(place)?.access;
  return access ? work(access) : null;
}
