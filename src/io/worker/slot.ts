/**
 * One place for a worker in the pool: starts it, posts jobs to it, watches it, and says when it is
 * gone. The pool decides what to do about that.
 */
import { reasonOf } from '../../base/errors.ts';
import type { DecodeJob, DecodeResult } from '../decoder.ts';
import { type AnyWorker, linkWorker, type WorkerLink } from './host.ts';
import { RingInlet } from './inlet.ts';
import type { FromWorker, ToWorker, WorkerJob } from './protocol.ts';
import { createRing } from './ring.ts';

/** A job that the pool has accepted and not yet answered. */
export interface PoolJob extends DecodeJob {
  id: number;
  /** Address of the game's decoder module for the kind, or null. */
  decoder: string | null;
  /** Workers that died while they had this job. */
  crashes: number;
  answer: (result: DecodeResult) => void;
}

export interface SlotEvents {
  onReady(slot: Slot): void;
  onMessage(slot: Slot, message: FromWorker): void;
  /** The worker is gone; `slot.jobs` are those it had. `wasReady`: its code had loaded. */
  onEnd(slot: Slot, reason: string, wasReady: boolean): void;
}

export class Slot {
  /** Jobs posted and not yet answered, in the order they were posted. */
  jobs: PoolJob[] = [];
  isReady = false;
  readonly #events: SlotEvents;
  #link: WorkerLink | null = null;
  #inlet: RingInlet | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: SlotEvents) {
    this.#events = events;
  }

  get isStarted(): boolean {
    return this.#link !== null;
  }

  start(create: () => AnyWorker, timeoutMs: number, isHeld: boolean): void {
    try {
      this.#link = linkWorker(create(), {
        onMessage: (message) => this.#receive(message),
        onEnd: (reason) => this.end(reason),
      });
      this.#link.hold(isHeld);
      this.watch(timeoutMs, 'its code did not load');
    } catch (error) {
      this.#events.onEnd(this, reasonOf(error), false);
    }
  }

  /** From here on the worker's results come through shared memory where they can. */
  useRing(bytes: number): void {
    const buffer = createRing(bytes);
    this.#inlet = new RingInlet(buffer);
    this.send({ type: 'ring', buffer });
    this.#drain(this.#inlet, false);
  }

  hold(isHeld: boolean): void {
    this.#link?.hold(isHeld);
  }

  /**
   * Posts copies: the pool keeps the bytes, so that a job outlives the worker it was posted to. The
   * copy costs 5 us for 64 KiB and 0.1 ms for a MB, less than the message; fetching again after a
   * crash would cost a round trip, and the payload may be the one that is being looked at.
   */
  post(jobs: PoolJob[], textureSupport: number | null): void {
    this.jobs.push(...jobs);
    const copies: WorkerJob[] = jobs.map((job) => ({
      id: job.id,
      kind: job.kind,
      decoder: job.decoder,
      bytes: job.bytes.slice(),
      checksum: job.checksum,
      decodedBytes: job.decodedBytes,
      label: job.label,
      textureSupport,
    }));
    this.send(
      { type: 'decode', jobs: copies },
      copies.map(({ bytes }) => bytes.buffer),
    );
  }

  send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#link?.post(message, transfer);
  }

  /** Ends the worker unless it speaks within `timeoutMs`; 0 stops watching. */
  watch(timeoutMs: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (timeoutMs <= 0) return;
    this.#timer = setTimeout(() => this.end(`${what} within ${timeoutMs} ms`), timeoutMs);
    // In Node a timer keeps the process alive; a watchdog alone must not.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Ends the worker and tells the pool why. */
  end(reason: string): void {
    if (!this.#link) return;
    // What it had finished is finished, though it could not say so any more.
    if (this.#inlet) this.#drain(this.#inlet, false);
    const wasReady = this.isReady;
    void this.#letGo()?.terminate();
    this.#events.onEnd(this, reason, wasReady);
  }

  /** Ends the worker, when it is done with its job, and tells nobody. */
  async stop(): Promise<void> {
    const wasReady = this.isReady;
    const link = this.#letGo();
    await (wasReady ? link?.stop() : link?.terminate());
  }

  #letGo(): WorkerLink | null {
    this.watch(0, '');
    const link = this.#link;
    this.#link = null;
    this.isReady = false;
    this.#inlet?.close();
    this.#inlet = null;
    return link;
  }

  #receive(message: FromWorker): void {
    this.watch(0, '');
    if (message.type === 'ready') {
      this.isReady = true;
      this.#events.onReady(this);
    } else if (this.#inlet) this.#receiveShared(this.#inlet, message);
    else this.#events.onMessage(this, message);
  }

  #receiveShared(inlet: RingInlet, message: FromWorker): void {
    if (message.type === 'slab') inlet.addSlab(message.index, message.buffer);
    else if (message.type === 'done') inlet.add(message.results);
    else if (message.type !== 'poke') {
      this.#events.onMessage(this, message);
      return;
    }
    this.#drain(inlet, message.type === 'done' && message.isBroken);
  }

  /** Passes on what the ring holds, as if it had come by message. */
  #drain(inlet: RingInlet, isBroken: boolean): void {
    const results = inlet.drain();
    inlet.onMore(() => {
      this.watch(0, '');
      this.#drain(inlet, false);
    });
    if (results.length > 0 || isBroken)
      this.#events.onMessage(this, { type: 'done', results, isBroken });
    else if (this.jobs.length > 0) this.#events.onMessage(this, { type: 'poke' });
  }
}
