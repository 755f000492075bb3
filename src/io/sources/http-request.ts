/**
 * One HTTP request whose silence is noticed: one that is not answered and one whose body stops
 * coming both end as `Timeout`, and say which.
 */
import type { Clock } from '../../base/clock.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { cancelledRead } from './read-error.ts';

export interface HttpRequest {
  readonly url: URL;
  readonly response: Response;
  /** Bytes of the body so far, and milliseconds from the request to the first of them. */
  readonly receivedBytes: number;
  readonly firstByteMs: number;
  /** Hands the body to `take` as it comes, until that returns false. What it throws ends the request. */
  body(take: (chunk: Uint8Array) => boolean): Promise<void>;
  /** Lets go of the caller's signal: from here on the request belongs to nobody in particular. */
  release(): void;
  /** Ends the request; for answers that are not wanted. */
  abandon(): void;
}

export interface RequestOptions {
  url: URL;
  init: RequestInit;
  signal: AbortSignal | undefined;
  clock: Clock;
  /** The most that the head of the answer may take, */
  connectTimeoutMs: number;
  /** and the longest silence of its body. */
  stallTimeoutMs: number;
}

/** Sends a request; resolves with the head of the answer. Rejects with `Network`, `Timeout` or `Cancelled`. */
export async function sendRequest(options: RequestOptions): Promise<HttpRequest> {
  const { url, signal } = options;
  if (signal?.aborted) throw cancelledRead(url.href);
  const request = new RunningRequest(options);
  await request.open(options.init);
  return request;
}

class RunningRequest implements HttpRequest {
  readonly #options: RequestOptions;
  readonly #controller = new AbortController();
  readonly #startMs: number;
  #response: Response | undefined;
  #timeout = '';
  #stopTimer = (): void => undefined;
  #firstByteMs = 0;
  #receivedBytes = 0;

  constructor(options: RequestOptions) {
    this.#options = options;
    this.#startMs = options.clock.now();
    options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get url(): URL {
    return new URL(this.response.url || this.#options.url.href);
  }

  get response(): Response {
    return this.#response!;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get firstByteMs(): number {
    return this.#firstByteMs;
  }

  async open(init: RequestInit): Promise<void> {
    const { url, connectTimeoutMs } = this.#options;
    this.#expect(connectTimeoutMs, `did not answer within ${connectTimeoutMs} ms`);
    try {
      this.#response = await fetch(url, { ...init, signal: this.#controller.signal });
    } catch (error) {
      throw this.#explain(error);
    }
    this.#expectMore();
  }

  async body(take: (chunk: Uint8Array) => boolean): Promise<void> {
    try {
      const reader = this.response.body?.getReader();
      for (let wantsMore = reader !== undefined; wantsMore; ) {
        this.#expectMore();
        const { done, value } = await reader!.read();
        if (done) break;
        if (this.#receivedBytes === 0)
          this.#firstByteMs = this.#options.clock.now() - this.#startMs;
        this.#receivedBytes += value.length;
        wantsMore = take(value);
      }
      this.#finish();
      // An answer that goes on after all that was asked for: close it, whatever that says.
      await reader?.cancel();
    } catch (error) {
      const explained = this.#explain(error);
      this.#controller.abort();
      throw explained;
    }
  }

  release(): void {
    this.#options.signal?.removeEventListener('abort', this.#abort);
  }

  abandon(): void {
    this.#finish();
    this.#controller.abort();
  }

  #abort = (): void => this.#controller.abort();

  #expectMore(): void {
    const { stallTimeoutMs } = this.#options;
    this.#expect(stallTimeoutMs, `stalled: it sent nothing for ${stallTimeoutMs} ms`);
  }

  #expect(timeoutMs: number, message: string): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(timeoutMs, () => {
      this.#timeout = message;
      this.#controller.abort();
    });
  }

  #finish(): void {
    this.#stopTimer();
    this.release();
  }

  #explain(error: unknown): StreamError {
    this.#finish();
    const { href } = this.#options.url;
    if (error instanceof StreamError) return error;
    if (this.#timeout !== '') return new StreamError(ErrorCode.Timeout, `${href} ${this.#timeout}`);
    if (this.#controller.signal.aborted) return cancelledRead(href);
    const reason = error instanceof Error ? `${error.message}${causeOf(error)}` : String(error);
    return new StreamError(ErrorCode.Network, `cannot read ${href} (${reason})`);
  }
}

/** Node's fetch says only "fetch failed" and keeps the reason behind it. */
function causeOf(error: Error): string {
  return error.cause instanceof Error ? `: ${error.cause.message}` : '';
}
