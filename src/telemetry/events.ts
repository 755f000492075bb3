/**
 * Typed events, gathered during the frame and delivered at one point of it, in order. A listener
 * that throws is contained: the others still hear the event, and the error is reported as one.
 */
import { assert, describe } from '../base/assert.ts';

export interface StreamingEvents {
  /** A level has gone from one state to another (see `Streaming.levels`). */
  levelStateChanged: { level: string; from: string; to: string };
  /** A viewpoint is near a volume (0 = it is gone by now): its levels are wanted. In order of ids. */
  volumeEntered: { entity: number; viewpoint: number };
  /** None is near any more, or the volume is gone, inactive, or a condition of it does not hold. */
  volumeLeft: { entity: number };
  /** A data layer was switched (`setDataLayer`). */
  dataLayerChanged: { layer: string; isOn: boolean };
  /**
   * A level cannot be loaded: it found no room in its memory budget, a level that it needs failed, or
   * its placements cannot be read. `retryLevel` has it tried again.
   */
  levelFailed: { level: string; reason: 'budget' | 'dependency' | 'cells'; message: string };
  /** A level is loaded but for these assets, which failed. */
  levelDegraded: { level: string; assets: string[] };
  /**
   * A loading screen stands otherwise: bytes, state, what failed, or whole seconds left (-1: unknown). In
   * order of entity ids. `errors` are of what is awaited; one that `blocks` keeps it from being ready.
   */
  loadingProgress: {
    entity: number;
    progress: number;
    bytesLoaded: number;
    bytesTotal: number;
    secondsLeft: number;
    state: 'waiting' | 'ready' | 'failed' | 'timedOut';
    errors: readonly { kind: 'level' | 'asset'; name: string; message: string; blocks: boolean }[];
  };
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
  /**
   * A metric has risen above its target, or fallen back to it: when the state changes, not each frame.
   * `value` is its mean over about a second; a state begins at 1.1 × the target, and ends at 1.03 ×.
   */
  performanceWarning: {
    metric: string;
    state: 'normal' | 'warning' | 'critical';
    value: number;
    target: number;
  };
  /** The detail of a level has changed, or with '' that of all; null: nothing is limited. */
  qualityChanged: { level: string; from: string | null; to: string | null };
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

/** One call of `on`: a function that listens twice is told twice. */
interface Subscription {
  readonly listener: Listener;
  isOver: boolean;
}

/** Hears events that nobody listens to, so that no failure is silent. */
export type UnheardReporter = (name: EventName, payload: StreamingEvents[EventName]) => void;

export class EventBus {
  /** Set by the plugin; does nothing in simulations that do not care. */
  unheard: UnheardReporter = () => undefined;
  /** Lists are replaced, never changed: one that is being gone through stays what it was. */
  readonly #subscriptions = new Map<EventName, readonly Subscription[]>();
  #queue: { name: EventName; payload: StreamingEvents[EventName] }[] = [];
  #isDelivering = false;

  /**
   * Hears every `name` from now on; the returned function stops it, at once. Who begins while an event
   * is being delivered hears those after it.
   */
  on<N extends EventName>(name: N, listener: (payload: StreamingEvents[N]) => void): () => void {
    assert(
      typeof listener === 'function',
      `on("${String(name)}"): expected a function, got ${describe(listener)}`,
    );
    const subscription = { listener: listener as Listener, isOver: false };
    this.#subscriptions.set(name, [...this.#of(name), subscription]);
    return () => {
      if (subscription.isOver) return;
      subscription.isOver = true;
      this.#subscriptions.set(
        name,
        this.#of(name).filter((other) => other !== subscription),
      );
    };
  }

  /** Whether anybody listens to `name`. */
  hears(name: EventName): boolean {
    return this.#of(name).length > 0;
  }

  get listenerCount(): number {
    let count = 0;
    for (const list of this.#subscriptions.values()) count += list.length;
    return count;
  }

  /** Queues an event for the next `deliver`. */
  emit<N extends EventName>(name: N, payload: StreamingEvents[N]): void {
    this.#queue.push({ name, payload });
  }

  /**
   * Delivers everything queued, in order, each to its listeners in the order in which they came. What
   * they cause by it, and that they fail, comes with the next call; a call out of a listener does nothing.
   */
  deliver(): void {
    if (this.#queue.length === 0 || this.#isDelivering) return;
    const queue = this.#queue;
    this.#queue = [];
    this.#isDelivering = true;
    try {
      for (const { name, payload } of queue) {
        const list = this.#of(name);
        if (list.length === 0) this.unheard(name, payload);
        for (const subscription of list) this.#tell(subscription, name, payload);
      }
    } finally {
      this.#isDelivering = false;
    }
  }

  clear(): void {
    for (const list of this.#subscriptions.values())
      for (const subscription of list) subscription.isOver = true;
    this.#subscriptions.clear();
    this.#queue = [];
  }

  #of(name: EventName): readonly Subscription[] {
    return this.#subscriptions.get(name) ?? NOBODY;
  }

  #tell(subscription: Subscription, name: EventName, payload: StreamingEvents[EventName]): void {
    // One before it may have ended it.
    if (subscription.isOver) return;
    try {
      subscription.listener(payload as never);
    } catch (error) {
      // A listener of failures that fails itself must not start a loop.
      if (name !== 'listenerFailed') this.emit('listenerFailed', { event: name, error });
    }
  }
}

const NOBODY: readonly Subscription[] = [];
