/**
 * Open files, shared and bounded: one handle per file however many read it, and never more handles
 * than the bound, counting those that are being opened or closed. Handles that nobody reads are
 * closed when room is needed, the one not used for longest first; one in use is never closed. When
 * all are in use, readers wait in line, and nobody overtakes.
 */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { cancelledRead } from './read-error.ts';

/** What the pool asks of a handle. */
export interface Closable {
  close(): Promise<void>;
}

export interface UseOptions {
  signal?: AbortSignal | undefined;
  /** Opens the file again: what its name stands for may have been replaced. */
  renew?: boolean;
}

interface Entry<H> {
  file: string;
  handle: Promise<H>;
  users: number;
  /** Closed after its last user; nobody joins any more. */
  isRetired: boolean;
}

interface Waiter<H> {
  file: string;
  enter(entry: Entry<H>): void;
  leave(): void;
}

export class HandlePool<H extends Closable> {
  readonly #maxHandles: number;
  readonly #open: (file: string) => Promise<H>;
  /** In order of use: the first is the one not used for longest. */
  readonly #entries = new Map<string, Entry<H>>();
  readonly #line = new Set<Waiter<H>>();
  #size = 0;
  #closing = 0;
  #isDisposed = false;
  #onEmpty: (() => void)[] = [];

  /** @param open rejects where there is no such file */
  constructor(maxHandles: number, open: (file: string) => Promise<H>) {
    this.#maxHandles = maxHandles;
    this.#open = open;
  }

  /** Handles open, opening or closing. Never more than the bound. */
  get size(): number {
    return this.#size;
  }

  /**
   * Calls `action` with the file's handle. Rejects with what opening or `action` rejects with, and
   * with `Cancelled` when the signal aborts during the wait or the pool is disposed.
   */
  async use<T>(
    file: string,
    action: (handle: H) => Promise<T>,
    { signal, renew = false }: UseOptions = {},
  ): Promise<T> {
    if (this.#isDisposed || signal?.aborted) throw cancelledRead(file);
    const old = renew ? this.#entries.get(file) : undefined;
    if (old) this.#retire(old);
    const entry = (this.#line.size === 0 && this.#enter(file)) || (await this.#wait(file, signal));
    try {
      return await action(await entry.handle);
    } catch (error) {
      // The next read opens the file again: the handle, or the file behind it, may be at fault.
      const isWithdrawn = error instanceof StreamError && error.code === ErrorCode.Cancelled;
      if (!isWithdrawn) this.#retire(entry);
      throw error;
    } finally {
      entry.users--;
      if (entry.users === 0 && entry.isRetired) void this.#close(entry);
      this.#advance();
    }
  }

  /** Ends the wait of all that wait; resolves when the last user is gone and all is closed. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    for (const waiter of [...this.#line]) waiter.leave();
    for (const entry of [...this.#entries.values()]) this.#retire(entry);
    if (this.#size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  /** The file's entry, opened now if need be; null where there is no room for it yet. */
  #enter(file: string): Entry<H> | null {
    let entry = this.#entries.get(file);
    if (!entry) {
      if (this.#size >= this.#maxHandles) return null;
      this.#size++;
      entry = { file, handle: this.#open(file), users: 0, isRetired: false };
    }
    this.#entries.delete(file);
    this.#entries.set(file, entry);
    entry.users++;
    return entry;
  }

  #wait(file: string, signal: AbortSignal | undefined): Promise<Entry<H>> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal?.removeEventListener('abort', leave);
        this.#line.delete(waiter);
        reject(cancelledRead(file));
        // Those behind may have waited for this one alone.
        this.#advance();
      };
      const enter = (entry: Entry<H>): void => {
        signal?.removeEventListener('abort', leave);
        resolve(entry);
      };
      const waiter: Waiter<H> = { file, enter, leave };
      signal?.addEventListener('abort', leave, { once: true });
      this.#line.add(waiter);
      this.#advance();
    });
  }

  /** Lets in as many as there is room for, in order of arrival, and makes room for the others. */
  #advance(): void {
    for (const waiter of this.#line) {
      const entry = this.#enter(waiter.file);
      if (!entry) break;
      this.#line.delete(waiter);
      waiter.enter(entry);
    }
    for (const entry of this.#entries.values()) {
      if (this.#closing >= this.#line.size) return;
      if (entry.users === 0) this.#retire(entry);
    }
  }

  #retire(entry: Entry<H>): void {
    if (entry.isRetired) return;
    entry.isRetired = true;
    this.#entries.delete(entry.file);
    if (entry.users === 0) void this.#close(entry);
  }

  async #close(entry: Entry<H>): Promise<void> {
    this.#closing++;
    try {
      await (await entry.handle).close();
    } catch {
      // It was never open, or is closed already: what matters is that it is gone.
    }
    this.#closing--;
    this.#size--;
    if (this.#size === 0) for (const done of this.#onEmpty.splice(0)) done();
    this.#advance();
  }
}
