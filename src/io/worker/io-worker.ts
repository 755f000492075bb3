/**
 * The I/O worker: a thread that owns the connections, so that fetching costs the frame nothing but
 * the messages that bring the bytes. It reads for every source that can be described as plain data;
 * others stay where they are. A worker that dies is replaced; where none can be had, the reads are
 * done in this thread, and somebody is told.
 */
import { assertNumber } from '../../base/assert.ts';
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';
import { readParts } from '../parts.ts';
import type { ReadReport, ReadSink, Source } from '../source.ts';
import { toStreamError } from '../sources/read-error.ts';
import { type Adopted, adoptedSource } from './adopted-source.ts';
import { type AnyWorker, linkWorker, startWorker, type WorkerLink } from './host.ts';
import type { FromWorker, ReadNews, ReadOrder } from './protocol.ts';
import { lostRead, type ReadWish, RemoteRead } from './remote-read.ts';

/** Starts in a row that may fail, and deaths without a read in between, before reads stay here. */
const MAX_START_FAILURES = 2;
const MAX_DEATHS = 5;

export interface IoWorkerOptions {
  /** Makes a worker, where a bundler cannot find the worker file by itself. Wins over `workerUrl`. */
  createWorker?: () => AnyWorker;
  /** Address of `worker.js`; default: the file beside this one. */
  workerUrl?: string | URL;
  /** A worker whose code has not loaded after this time counts as one that cannot start. */
  startTimeoutMs?: number;
  /** A worker that is silent for this long after it was told to abort a read is replaced. */
  abortTimeoutMs?: number;
  /** Told what a developer should know, once each. Default: the console. */
  onWarning?: (message: string) => void;
}

export interface IoWorker {
  /**
   * A source that reads through the worker, for a source with a `descriptor`; any other source is
   * returned as it is. Adopting a source again gives the same one; each adoption is ended by its
   * `dispose`. The original is not disposed.
   */
  adopt(source: Source): Source;
  /** Whether reads are done in this thread because no worker can be had. */
  readonly isFallback: boolean;
  /** Ends the worker. Reads that are running reject with `Cancelled`. */
  dispose(): Promise<void>;
}

/**
 * The worker starts with the first source that is adopted. In Node it keeps the process alive only
 * while it reads.
 */
export function createIoWorker(options: IoWorkerOptions = {}): IoWorker {
  assertNumber('startTimeoutMs', options.startTimeoutMs ?? 1, 1);
  assertNumber('abortTimeoutMs', options.abortTimeoutMs ?? 1, 1);
  return new IoThread(options);
}

class IoThread implements IoWorker {
  isFallback = false;
  readonly #options: IoWorkerOptions;
  readonly #adopted = new Map<Source, Adopted>();
  readonly #reads = new Map<number, RemoteRead>();
  #orders: ReadOrder[] = [];
  #link: WorkerLink | null = null;
  #isReady = false;
  #isFlushDue = false;
  #nextId = 0;
  #startFailures = 0;
  #deaths = 0;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #disposal: Promise<void> | undefined;

  constructor(options: IoWorkerOptions) {
    this.#options = options;
  }

  adopt(source: Source): Source {
    if (!source.descriptor) return source;
    const known = this.#adopted.get(source);
    if (known) {
      known.users++;
      return known.proxy;
    }
    const adopted = adoptedSource(this.#nextId++, source, {
      read: (wish, sink) => this.#read(adopted, wish, sink),
      release: () => this.#release(adopted),
    });
    this.#adopted.set(source, adopted);
    if (this.isFallback) adopted.readHere();
    else if (this.#isReady) this.#send(openOrder(adopted));
    else this.#start();
    return adopted.proxy;
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#shutDown();
    return this.#disposal;
  }

  #read(adopted: Adopted, wish: ReadWish, sink: ReadSink): Promise<ReadReport> {
    const read = new RemoteRead(this.#nextId++, adopted, wish, sink, () => this.#abort(read));
    if (this.#disposal)
      read.fail(new StreamError(ErrorCode.Cancelled, `${adopted.source.name} is disposed`));
    else if (wish.signal?.aborted) read.cancel();
    else if (adopted.isHere) void readHere(read, sink);
    else {
      this.#reads.set(read.id, read);
      this.#updateHold();
      if (this.#isReady) this.#send(read.order);
      else this.#start();
    }
    return read.outcome;
  }

  #abort(read: RemoteRead): void {
    if (!this.#reads.delete(read.id)) return;
    this.#updateHold();
    if (!this.#isReady) return;
    this.#send({ do: 'abort', id: read.id });
    const { abortTimeoutMs = 10_000 } = this.#options;
    this.#watch(abortTimeoutMs, () => this.#lose(`it gave no answer within ${abortTimeoutMs} ms`));
  }

  #release(adopted: Adopted): void {
    this.#adopted.delete(adopted.source);
    for (const read of [...this.#reads.values()]) if (read.sourceId === adopted.id) read.cancel();
    if (this.#isReady) this.#send({ do: 'close', source: adopted.id });
  }

  #start(): void {
    if (this.#link || this.isFallback || this.#disposal) return;
    const { createWorker, workerUrl, startTimeoutMs = 20_000 } = this.#options;
    try {
      const worker = createWorker ? createWorker() : startWorker(workerUrl);
      this.#link = linkWorker(worker, {
        onMessage: (message) => this.#onMessage(message),
        onEnd: (reason) => this.#lose(reason),
      });
      this.#updateHold();
      this.#watch(startTimeoutMs, () =>
        this.#lose(`its code did not load within ${startTimeoutMs} ms`),
      );
    } catch (error) {
      this.#onStartFailure(reasonOf(error));
    }
  }

  #onMessage(message: FromWorker): void {
    this.#watch(0, () => undefined);
    if (message.type === 'ready') this.#onReady();
    else if (message.type === 'news') this.#onNews(message.news);
    else if (message.type === 'available') this.#find(message.source)?.tellAvailable();
    else if (message.type === 'warning') this.#pass(message.source, message.message);
    else if (message.type === 'refused') this.#onRefused(message.source, message.message);
  }

  #onReady(): void {
    this.#isReady = true;
    this.#startFailures = 0;
    for (const adopted of this.#adopted.values())
      if (!adopted.isHere) this.#send(openOrder(adopted));
    for (const read of this.#reads.values()) this.#send(read.order);
  }

  #onNews({ progress, parts, ends }: ReadNews): void {
    for (let i = 0; i < progress.length; i += 2)
      this.#reads.get(progress[i]!)?.onBytes(progress[i + 1]!);
    for (const { id, index, bytes } of parts) this.#reads.get(id)?.onPart(index, bytes);
    for (const end of ends) {
      const read = this.#reads.get(end.id);
      this.#reads.delete(end.id);
      if (end.report) this.#deaths = 0;
      read?.onEnd(end);
    }
    this.#updateHold();
  }

  #onRefused(id: number, reason: string): void {
    const adopted = this.#find(id);
    if (!adopted) return;
    this.#warn(`${adopted.source.name} is read in this thread: ${reason}`);
    adopted.readHere();
    this.#moveHere();
  }

  /** The worker is gone, or as good as gone. */
  #lose(reason: string): void {
    const wasReady = this.#isReady;
    void this.#letGo()?.terminate();
    if (this.#disposal) return;
    if (!wasReady) {
      this.#onStartFailure(reason);
      return;
    }
    this.#deaths++;
    const lost = [...this.#reads.values()];
    this.#reads.clear();
    this.#updateHold();
    if (this.#deaths >= MAX_DEATHS) this.#fallBack(`it died ${MAX_DEATHS} times (${reason})`);
    else if (this.#adopted.size > 0) this.#start();
    for (const read of lost) read.fail(lostRead(read, reason));
  }

  #onStartFailure(reason: string): void {
    if (++this.#startFailures < MAX_START_FAILURES) this.#start();
    else {
      const where = this.#options.createWorker
        ? 'the one that createWorker makes'
        : (this.#options.workerUrl ?? 'worker.js beside the package');
      this.#fallBack(
        `it does not start: ${reason} (${where}); ` +
          'check that the file is served, or pass createWorker or workerUrl',
      );
    }
  }

  #fallBack(reason: string): void {
    this.isFallback = true;
    this.#warn(`the I/O worker cannot be used, reads are done in this thread: ${reason}`);
    for (const adopted of this.#adopted.values()) adopted.readHere();
    this.#moveHere();
  }

  /** Does here what the worker was asked for, or would have been, of sources that are read here. */
  #moveHere(): void {
    const here = [...this.#adopted.values()].filter(({ isHere }) => isHere);
    for (const read of [...this.#reads.values()]) {
      if (!here.some(({ id }) => id === read.sourceId)) continue;
      this.#reads.delete(read.id);
      void readHere(read, read);
    }
    this.#updateHold();
  }

  #find(id: number): Adopted | undefined {
    for (const adopted of this.#adopted.values()) if (adopted.id === id) return adopted;
    return undefined;
  }

  /** Orders of one turn leave together. */
  #send(order: ReadOrder): void {
    this.#orders.push(order);
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      const orders = this.#orders;
      this.#orders = [];
      if (orders.length > 0) this.#link?.post({ type: 'read', orders }, []);
    });
  }

  /** What a source says goes to whoever made it. */
  #pass(id: number, message: string): void {
    const listener = this.#find(id)?.source.onWarning;
    if (listener) listener(message);
    else this.#warn(message);
  }

  #warn(message: string): void {
    const { onWarning = (text: string) => console.warn(`farfield: ${text}`) } = this.#options;
    onWarning(message);
  }

  #watch(timeoutMs: number, expire: () => void): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = undefined;
    if (timeoutMs <= 0) return;
    this.#watchdog = setTimeout(expire, timeoutMs);
    // In Node a timer keeps the process alive; a watchdog alone must not.
    (this.#watchdog as { unref?: () => void }).unref?.();
  }

  #updateHold(): void {
    this.#link?.hold(this.#reads.size > 0);
  }

  #letGo(): WorkerLink | null {
    this.#watch(0, () => undefined);
    const link = this.#link;
    this.#link = null;
    this.#isReady = false;
    this.#orders = [];
    return link;
  }

  async #shutDown(): Promise<void> {
    for (const read of [...this.#reads.values()]) read.cancel();
    this.#reads.clear();
    this.#orders = [];
    const wasReady = this.#isReady;
    const link = this.#letGo();
    await (wasReady ? link?.stop() : link?.terminate());
    this.#adopted.clear();
  }
}

function openOrder({ id, source }: Adopted): ReadOrder {
  return { do: 'open', source: id, descriptor: source.descriptor! };
}

async function readHere(read: RemoteRead, sink: ReadSink): Promise<void> {
  const { source, wish } = read;
  const { file, parts, fresh, signal } = wish;
  try {
    if (parts) {
      read.succeed(
        await readParts(source, file, parts, sink, { fresh, ...(signal && { signal }) }),
      );
      return;
    }
    const bytes = await source.readAll(file, signal);
    sink.onPart(0, bytes);
    read.succeed({ linkBytes: bytes.length, cachedBytes: 0, firstByteMs: 0 });
  } catch (error) {
    read.fail(toStreamError(source, error));
  }
}
