/**
 * The gate before an origin: lets a request through, or refuses it at once because the device is
 * offline or the origin is being left alone. Learns from how the requests end.
 */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { CircuitBreaker, Pass } from './breaker.ts';
import type { Connectivity } from './connectivity.ts';

/** When to look again while offline, for those that do not listen. */
const OFFLINE_RETRY_MS = 5000;

export interface Gate {
  /** Does `work`, or rejects with `Unavailable` without doing it. */
  run<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Calls back when what was refused may be asked again. */
  onAvailable(callback: () => void): () => void;
}

/**
 * @param name what to call the origin in messages
 * @param breaker null leaves the circuit closed for good
 * @param onRefused told of every refusal
 */
export function createGate(
  name: string,
  breaker: CircuitBreaker | null,
  connectivity: Connectivity,
  onRefused: () => void = () => undefined,
): Gate {
  let wasOffline = false;

  const refuse = (what: string, why: string, retryAfterMs: number): StreamError => {
    onRefused();
    return new StreamError(ErrorCode.Unavailable, `cannot read ${what}: ${why}`, retryAfterMs);
  };
  const enter = (what: string): Pass | null => {
    if (!connectivity.isOnline()) {
      wasOffline = true;
      throw refuse(what, 'the device is offline', OFFLINE_RETRY_MS);
    }
    // What failed without a network says nothing about the origin.
    if (wasOffline) breaker?.reset();
    wasOffline = false;
    if (!breaker) return null;
    const pass = breaker.admit();
    if (pass) return pass;
    const { retryAfterMs } = breaker;
    const pause = `is left alone for ${Math.ceil(retryAfterMs)} ms`;
    throw refuse(what, `${name} fails too often and ${pause}`, retryAfterMs);
  };

  return {
    async run(what, work) {
      const pass = enter(what);
      try {
        const result = await work();
        pass?.succeed();
        return result;
      } catch (error) {
        if (pass) judge(pass, error, connectivity.isOnline());
        throw error;
      }
    },
    onAvailable(callback) {
      const stopBreaker = breaker?.onAvailable(callback);
      const stopConnectivity = connectivity.onChange(() => {
        if (!connectivity.isOnline()) {
          wasOffline = true;
          return;
        }
        wasOffline = false;
        // A circuit that was not closed tells its listeners, this one among them.
        if (breaker && breaker.state !== 'closed') breaker.reset();
        else callback();
      });
      return () => {
        stopBreaker?.();
        stopConnectivity();
      };
    },
  };
}

/** An origin that says no to one file is in good health; one that is silent or fails is not. */
function judge(pass: Pass, error: unknown, isOnline: boolean): void {
  const code = error instanceof StreamError ? error.code : ErrorCode.Network;
  if (code === ErrorCode.Cancelled || code === ErrorCode.Unavailable || !isOnline) pass.withdraw();
  else if (isOriginFailure(code)) pass.fail();
  else pass.succeed();
}

function isOriginFailure(code: ErrorCode): boolean {
  return code === ErrorCode.Network || code === ErrorCode.Timeout || code === ErrorCode.Server;
}
