/**
 * Typed events, gathered during the frame and delivered at one point of it, in order. A listener
 * that throws is contained: the others still hear the event, and the error is reported as one.
 */

export interface StreamingEvents {
  levelStateChanged: { level: string; from: string; to: string };
  /**
   * A budget is fuller or emptier than it was: `total`, a pool that has a limit, or one of the game's
   * own. `warning` begins at 80 % and ends below 75 %, `critical` at 95 % and below 90 %.
   */
  memoryStateChanged: {
    budget: string;
    state: 'normal' | 'warning' | 'critical';
    usedBytes: number;
    budgetBytes: number;
  };
  /**
   * The GPU lost what it held, has come back, or had no room. The budget has been lowered to
   * `budgetBytes`, but for `restored`; the game may raise it again.
   */
  deviceMemoryChanged: {
    kind: 'lost' | 'restored' | 'outOfMemory';
    bytes: number;
    budgetBytes: number;
  };
  /** A payload failed for good (until its retry); `entity` ids that request it are in `entities`. */
  assetFailed: { asset: string; lod: number; error: string; message: string; entities: number[] };
  assetResident: { asset: string; lod: number };
  /** A source cannot be asked for now: the device is offline, or its server fails all the time. */
  sourceUnavailable: { source: string; message: string };
  /** It can be asked again, and is. */
  sourceAvailable: { source: string; message: string };
  /** Once a second while anybody listens: what `stats().io` says. */
  ioSampled: object;
  /** Placements of a world that is being opened are in; the first with 0 of them, when all else is. */
  openProgress: { path: string; placements: number; of: number };
  /** A component was given data it cannot use. */
  invalidData: { entity: number; component: string; message: string };
  /** Something works, but not as well as it could (e.g. a server without range support). */
  warning: { message: string };
  /** A listener or observer of the game threw. */
  listenerFailed: { event: string; error: unknown };
}

export type EventName = keyof StreamingEvents;

type Listener = (payload: never) => void;

/** Hears events that nobody listens to, so that no failure is silent. */
export type UnheardReporter = (name: EventName, payload: StreamingEvents[EventName]) => void;

export class EventBus {
  /** Set by the plugin; does nothing in simulations that do not care. */
  unheard: UnheardReporter = () => undefined;
  readonly #listeners = new Map<EventName, Set<Listener>>();
  #queue: { name: EventName; payload: StreamingEvents[EventName] }[] = [];

  /** Hears every `name` from now on; the returned function stops it. */
  on<N extends EventName>(name: N, listener: (payload: StreamingEvents[N]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set);
    set.add(listener as Listener);
    return () => {
      set.delete(listener as Listener);
    };
  }

  /** Whether anybody listens to `name`. */
  hears(name: EventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  get listenerCount(): number {
    let count = 0;
    for (const set of this.#listeners.values()) count += set.size;
    return count;
  }

  /** Queues an event for the next `deliver`. */
  emit<N extends EventName>(name: N, payload: StreamingEvents[N]): void {
    this.#queue.push({ name, payload });
  }

  /** Delivers everything queued, including what listeners queue by failing. */
  deliver(): void {
    if (this.#queue.length === 0) return;
    const queue = this.#queue;
    this.#queue = [];
    for (const { name, payload } of queue) {
      const listeners = this.#listeners.get(name);
      if (!listeners || listeners.size === 0) this.unheard(name, payload);
      for (const listener of listeners ?? []) {
        try {
          listener(payload as never);
        } catch (error) {
          // A listener of failures that fails itself must not start a loop.
          if (name !== 'listenerFailed') this.emit('listenerFailed', { event: name, error });
        }
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
    this.#queue = [];
  }
}
