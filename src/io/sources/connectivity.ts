/**
 * The port of being online: whether the device has a network at all. Browsers know it, in workers
 * too; elsewhere it is taken for granted. "Online" promises nothing, "offline" is certain.
 */

export interface Connectivity {
  isOnline(): boolean;
  /** Calls back after every change. The returned function ends that. */
  onChange(callback: () => void): () => void;
}

/** For hosts that cannot tell. */
export const ALWAYS_ONLINE: Connectivity = {
  isOnline: () => true,
  onChange: () => () => undefined,
};

/** What a browser's global scope has, and Node's has not or not all of. */
interface Scope {
  navigator?: { onLine?: boolean };
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/** The device's own connectivity, by `navigator.onLine` and its events. */
export function deviceConnectivity(scope: Scope = globalThis as Scope): Connectivity {
  return {
    isOnline: () => scope.navigator?.onLine !== false,
    onChange(callback) {
      const listener = (): void => callback();
      scope.addEventListener?.('online', listener);
      scope.addEventListener?.('offline', listener);
      return () => {
        scope.removeEventListener?.('online', listener);
        scope.removeEventListener?.('offline', listener);
      };
    },
  };
}

/** Whether requests to this host never leave the device, so that being offline does not matter. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
