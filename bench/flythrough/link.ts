/**
 * The virtual link: requests wait out their latency, then share the bandwidth equally. It advances
 * from one completion to the next, so that whoever uses it can fill a free slot at the moment it
 * becomes free. Nothing here knows what the bytes are.
 */

/** A request on its way. Owned by the link; read it, and write nothing but `keptBytes`. */
export interface Request {
  readonly id: number;
  readonly bytes: number;
  /**
   * Those of them that take memory until they are handed on: gaps do not. Whoever asked writes it,
   * as parts are there before the end.
   */
  keptBytes: number;
  /** Bytes yet to come. */
  remaining: number;
  /** Latency yet to pass (s). */
  latencyS: number;
  /** Time spent transferring, the latency left out (s). */
  transferS: number;
  readonly done: () => void;
}

export interface LinkOptions {
  bytesPerS: number;
  latencyS: number;
  /** Most requests at once. */
  concurrency: number;
}

/** Less than this left of a request is nothing (bytes); steps of time are at least this long (s). */
const DONE_BYTES = 1;
const LEAST_STEP_S = 1e-9;

export class Link {
  readonly options: Readonly<LinkOptions>;
  /** Bytes of opened requests, less what was left of those that were cancelled. */
  fetchedBytes = 0;
  /** Bytes that came for requests that were cancelled later. */
  cancelledBytes = 0;
  /** Bytes of requests that completed. */
  deliveredBytes = 0;
  /** Bytes of open requests. */
  openBytes = 0;
  openedCount = 0;
  cancelledCount = 0;
  /** Time during which something was transferring (s). */
  busyS = 0;
  /** Virtual time (s) inside a frame too. */
  nowS = 0;
  private readonly requests: Request[] = [];
  private nextId = 0;

  constructor(options: LinkOptions) {
    this.options = options;
  }

  /** Requests that are open, oldest first. */
  get open(): readonly Request[] {
    return this.requests;
  }

  get hasFreeSlot(): boolean {
    return this.requests.length < this.options.concurrency;
  }

  /** Bytes that have come, whatever became of their requests. */
  get broughtBytes(): number {
    return this.requests.reduce((sum, { remaining }) => sum - remaining, this.fetchedBytes);
  }

  /** Bytes that memory is taken for: of what is on its way and has not been handed on. */
  get comingBytes(): number {
    return this.requests.reduce((sum, { keptBytes }) => sum + keptBytes, 0);
  }

  /** Asks for `bytes`; `done` is called while the link advances. Throws when no slot is free. */
  request(bytes: number, done: () => void, keptBytes: number = bytes): Request {
    if (!(bytes > 0))
      throw new Error(`link: a request must be for more than 0 bytes, got ${bytes}`);
    if (!this.hasFreeSlot)
      throw new Error(
        `link: all ${this.options.concurrency} slots are taken; wait for a completion or cancel`,
      );
    const { latencyS } = this.options;
    const request = {
      id: this.nextId++,
      bytes,
      keptBytes,
      remaining: bytes,
      latencyS,
      transferS: 0,
      done,
    };
    this.requests.push(request);
    this.openBytes += bytes;
    this.fetchedBytes += bytes;
    this.openedCount++;
    return request;
  }

  /** Drops an open request: what is left of it is never fetched. */
  cancel(request: Request): void {
    const place = this.requests.indexOf(request);
    if (place < 0)
      throw new Error(`link: request ${request.id} is not open, so it cannot be dropped`);
    this.requests.splice(place, 1);
    this.openBytes -= request.bytes;
    this.fetchedBytes -= request.remaining;
    this.cancelledBytes += request.bytes - request.remaining;
    this.cancelledCount++;
  }

  /**
   * Lets time pass up to `seconds`, but no further than the next completion; returns what is left.
   * Requests that complete at the same moment are delivered youngest first.
   */
  advance(seconds: number): number {
    const { requests } = this;
    let left = seconds;
    let isDelivered = false;
    while (left > 1e-12 && requests.length > 0 && !isDelivered) {
      const step = Math.max(this.nextStep(left), LEAST_STEP_S);
      this.pass(step);
      left -= step;
      isDelivered = this.deliver();
    }
    if (isDelivered && left > 1e-12) return left;
    this.nowS += Math.max(0, left);
    return 0;
  }

  /** Bytes a second of each request that is past its latency. */
  private get share(): number {
    let sharing = 0;
    for (const request of this.requests) if (request.latencyS <= 0) sharing++;
    return sharing > 0 ? this.options.bytesPerS / sharing : 0;
  }

  private nextStep(left: number): number {
    const { share } = this;
    let step = left;
    for (const { latencyS, remaining } of this.requests)
      step = Math.min(step, latencyS > 0 ? latencyS : remaining / share);
    return step;
  }

  private pass(step: number): void {
    const { share } = this;
    if (share > 0) this.busyS += step;
    for (const request of this.requests) {
      if (request.latencyS > 0) request.latencyS -= step;
      else {
        request.remaining -= share * step;
        request.transferS += step;
      }
      if (request.latencyS < LEAST_STEP_S) request.latencyS = 0;
    }
    this.nowS += step;
  }

  private deliver(): boolean {
    let isDelivered = false;
    for (let place = this.requests.length - 1; place >= 0; place--) {
      const request = this.requests[place]!;
      if (request.latencyS > 0 || request.remaining > DONE_BYTES) continue;
      this.requests.splice(place, 1);
      this.openBytes -= request.bytes;
      this.deliveredBytes += request.bytes;
      request.done();
      isDelivered = true;
    }
    return isDelivered;
  }
}
