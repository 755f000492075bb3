/**
 * The worker pool: decodes off the main thread. Jobs wait here, by priority, and go to whichever
 * worker is free, so that their order can change until the last moment. A worker that dies is
 * replaced; the jobs it had are tried once more, each alone, so that the one that kills workers is
 * found out and no other suffers for it.
 */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { closeContent } from '../codecs/transfer.ts';
import type { DecodeJob, DecodeResult, Decoder, DecoderStats } from '../decoder.ts';
import { startWorker } from './host.ts';
import { JobQueue } from './job-queue.ts';
import { checkPoolOptions, type PoolSettings, type WorkerPoolOptions } from './pool-options.ts';
import { PoolStats } from './pool-stats.ts';
import type { FromWorker } from './protocol.ts';
import { type PoolJob, Slot } from './slot.ts';
import { compileWasm, type WasmName } from './wasm-files.ts';

/** Starts in a row that may fail before the pool stops trying. */
const MAX_START_FAILURES = 2;
/** Attempts to load a decoder before the answer stays no. */
const MAX_WASM_ATTEMPTS = 3;

/** A decoder whose work is done by worker threads. */
export interface WorkerPool extends Decoder {
  reprioritize(payload: number, priority: number): void;
  readonly stats: Readonly<DecoderStats>;
  /**
   * Starts all workers and compiles the Draco decoder now. Rejects when no worker starts, or when
   * the decoder does not compile.
   */
  warm(): Promise<void>;
}

/**
 * Makes a pool. Workers start at the first job, or at `warm`. In Node the workers keep the process
 * alive only while jobs are open.
 */
export function createWorkerPool(options: WorkerPoolOptions = {}): WorkerPool {
  return new Pool(checkPoolOptions(options));
}

class Pool implements WorkerPool {
  readonly #settings: PoolSettings;
  readonly #slots: Slot[];
  readonly #waiting = new JobQueue();
  readonly #stats = new PoolStats();
  readonly #jobs = new Map<number, PoolJob>();
  /** Jobs that were on a worker when it died; each goes next, alone. */
  #suspects: PoolJob[] = [];
  #freeIds: number[] = [];
  #nextId = 0;
  readonly #wasm = new Map<WasmName, Promise<WebAssembly.Module>>();
  readonly #wasmAttempts = new Map<WasmName, number>();
  #textureSupport: number | null = null;
  #startFailures = 0;
  #failure = '';
  #isDispatchDue = false;
  #isHeld = false;
  #warmingCount = 0;
  #disposal: Promise<void> | undefined;
  #readyWaiters: (() => void)[] = [];

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    const events = {
      onReady: (slot: Slot) => this.#onReady(slot),
      onMessage: (slot: Slot, message: FromWorker) => this.#onMessage(slot, message),
      onEnd: (slot: Slot, reason: string, wasReady: boolean) => this.#onEnd(slot, reason, wasReady),
    };
    this.#slots = Array.from({ length: settings.workerCount }, () => new Slot(events));
  }

  get pendingCount(): number {
    return this.#jobs.size;
  }

  get stats(): Readonly<DecoderStats> {
    return this.#stats;
  }

  decode(job: DecodeJob): Promise<DecodeResult> {
    return new Promise((resolve) => {
      const id = this.#freeIds.pop() ?? this.#nextId++;
      const decoder = this.#settings.decoders.get(job.kind)?.decoder ?? null;
      const entry: PoolJob = { ...job, id, decoder, crashes: 0, answer: resolve };
      this.#jobs.set(id, entry);
      if (this.#disposal) this.#answer(entry, ErrorCode.Cancelled, 'the decoder is disposed');
      else if (this.#failure) this.#answer(entry, ErrorCode.WorkerCrash, this.#failure);
      else {
        this.#updateHold();
        this.#waiting.add(entry);
        this.#dispatchSoon();
      }
    });
  }

  cancel(payload: number): boolean {
    const job = this.#waiting.withdraw(payload);
    if (!job) return false;
    this.#answer(job, ErrorCode.Cancelled, 'cancelled before it was decoded');
    return true;
  }

  reprioritize(payload: number, priority: number): void {
    this.#waiting.reprioritize(payload, priority);
  }

  setTextureSupport(bits: number): void {
    this.#textureSupport = bits;
  }

  async warm(): Promise<void> {
    const isSettled = (): boolean =>
      this.#failure !== '' ||
      this.#disposal !== undefined ||
      this.#slots.every((slot) => slot.isReady || (!slot.isStarted && !this.#mayStart));
    this.#warmingCount++;
    this.#updateHold();
    try {
      for (const slot of this.#slots) this.#start(slot);
      while (!isSettled()) await new Promise<void>((resolve) => this.#readyWaiters.push(resolve));
      if (this.#failure) throw new StreamError(ErrorCode.WorkerCrash, this.#failure);
      if (!this.#disposal) await this.#loadWasm('draco');
    } finally {
      this.#warmingCount--;
      this.#updateHold();
    }
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#shutDown();
    return this.#disposal;
  }

  async #shutDown(): Promise<void> {
    this.#waiting.clear();
    this.#suspects = [];
    for (const job of [...this.#jobs.values()])
      this.#answer(job, ErrorCode.Cancelled, 'the decoder was disposed');
    this.#wakeWaiters();
    for (const slot of this.#slots) this.#stats.onEnd(slot);
    await Promise.all(this.#slots.map((slot) => slot.stop()));
  }

  /** Jobs of one turn leave together, in one message a worker. */
  #dispatchSoon(): void {
    if (this.#isDispatchDue) return;
    this.#isDispatchDue = true;
    queueMicrotask(() => {
      this.#isDispatchDue = false;
      if (!this.#disposal && !this.#failure) this.#dispatch();
    });
  }

  #dispatch(): void {
    const open = this.#warmingCount > 0 ? this.#slots.length : this.#jobs.size;
    for (let i = 0; i < this.#slots.length && i < open; i++) this.#start(this.#slots[i]!);
    const ready = this.#slots.filter((slot) => slot.isReady);
    ready.sort((a, b) => a.jobs.length - b.jobs.length);
    // A suspect needs a worker of its own: the least busy ones are left to run dry for them.
    while (this.#suspects.length > 0 && ready.length > 0) {
      const slot = ready.shift()!;
      if (slot.jobs.length === 0) this.#post(slot, [this.#suspects.shift()!]);
      else break;
    }
    const batches = ready.map((): PoolJob[] => []);
    // Round by round: two workers with one job each beat one with two.
    for (let depth = 1; depth <= this.#settings.jobsPerWorker; depth++)
      for (let i = 0; i < ready.length; i++) this.#take(ready[i]!, batches[i]!, depth);
    for (let i = 0; i < ready.length; i++)
      if (batches[i]!.length > 0) this.#post(ready[i]!, batches[i]!);
  }

  /** Takes one job from the queue, if this worker may have its `depth`-th now. */
  #take(slot: Slot, batch: PoolJob[], depth: number): void {
    const mine = [...slot.jobs, ...batch];
    if (mine.length >= depth || mine.some((job) => job.crashes > 0)) return;
    const next = this.#waiting.peek();
    if (!next) return;
    const bytes = mine.reduce((sum, job) => sum + job.bytes.length, next.bytes.length);
    if (mine.length > 0) {
      const isAnotherStarting = this.#slots.some((other) => other.isStarted && !other.isReady);
      if (isAnotherStarting || bytes > this.#settings.maxPendingBytes) return;
    }
    this.#waiting.take();
    batch.push(next);
  }

  #post(slot: Slot, jobs: PoolJob[]): void {
    slot.post(jobs, this.#textureSupport);
    slot.watch(this.#settings.jobTimeoutMs, 'it gave no answer');
  }

  /** Whether a worker that did not start is worth another try. */
  get #mayStart(): boolean {
    return this.#startFailures < MAX_START_FAILURES;
  }

  #start(slot: Slot): void {
    if (slot.isStarted || this.#failure || !this.#mayStart) return;
    const { createWorker, workerUrl, startTimeoutMs } = this.#settings;
    slot.start(createWorker ?? (() => startWorker(workerUrl)), startTimeoutMs, this.#isHeld);
  }

  #onReady(slot: Slot): void {
    this.#startFailures = 0;
    this.#stats.onStart(slot);
    if (this.#settings.completions === 'ring') slot.useRing(this.#settings.ringBytes);
    this.#wakeWaiters();
    this.#dispatchSoon();
  }

  #onMessage(slot: Slot, message: FromWorker): void {
    if (message.type === 'need-wasm') this.#sendWasm(slot, message.name);
    if (message.type === 'done') {
      for (const { id, ...result } of message.results) {
        const job = this.#jobs.get(id);
        slot.jobs = slot.jobs.filter((other) => other.id !== id);
        if (job) {
          this.#stats.onResult(job, result);
          this.#finish(job, result);
        } else closeContent(result.content);
      }
      if (message.isBroken) this.#replace(slot);
      this.#dispatchSoon();
    }
    if (slot.jobs.length > 0) slot.watch(this.#settings.jobTimeoutMs, 'it gave no answer');
  }

  /** Ends a worker whose decoder aborted; the jobs behind are not to blame. */
  #replace(slot: Slot): void {
    for (const job of slot.jobs) this.#waiting.add(job);
    slot.jobs = [];
    this.#stats.onEnd(slot);
    void slot.stop();
  }

  #onEnd(slot: Slot, reason: string, wasReady: boolean): void {
    const jobs = slot.jobs;
    slot.jobs = [];
    this.#stats.onEnd(slot);
    if (this.#disposal) return;
    if (wasReady) this.#stats.crashes++;
    if (!wasReady) this.#onStartFailure(reason);
    // The last worker that ever started has died: what failed to start before gets another chance.
    else if (this.#slots.every((other) => !other.isStarted)) this.#startFailures = 0;
    for (const job of jobs) {
      job.crashes++;
      if (job.crashes < 2) this.#suspects.push(job);
      else this.#answer(job, ErrorCode.WorkerCrash, `its decode worker died twice (${reason})`);
    }
    this.#dispatchSoon();
  }

  #onStartFailure(reason: string): void {
    this.#startFailures++;
    if (this.#mayStart) return;
    if (this.#slots.some((slot) => slot.isStarted)) {
      this.#wakeWaiters();
      return;
    }
    const where = this.#settings.createWorker
      ? 'the one that createWorker makes'
      : (this.#settings.workerUrl ?? 'worker.js beside the package');
    this.#failure =
      `no decode worker starts: ${reason} (${where}); ` +
      'check that the file is served, or pass createWorker or workerUrl';
    this.#waiting.clear();
    this.#suspects = [];
    for (const job of [...this.#jobs.values()])
      this.#answer(job, ErrorCode.WorkerCrash, this.#failure);
    this.#wakeWaiters();
  }

  /** In Node an open job keeps the process alive; an idle pool does not. */
  #updateHold(): void {
    const isHeld = this.#jobs.size > 0 || this.#warmingCount > 0;
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    for (const slot of this.#slots) slot.hold(isHeld);
  }

  #wakeWaiters(): void {
    const waiters = this.#readyWaiters;
    this.#readyWaiters = [];
    for (const wake of waiters) wake();
  }

  #loadWasm(name: WasmName): Promise<WebAssembly.Module> {
    const known = this.#wasm.get(name);
    if (known) return known;
    const { dracoWasmUrl, basisWasmUrl } = this.#settings;
    const loading = compileWasm(name, name === 'draco' ? dracoWasmUrl : basisWasmUrl);
    this.#wasm.set(name, loading);
    loading.catch(() => {
      const attempts = (this.#wasmAttempts.get(name) ?? 0) + 1;
      this.#wasmAttempts.set(name, attempts);
      if (attempts < MAX_WASM_ATTEMPTS) this.#wasm.delete(name);
    });
    return loading;
  }

  #sendWasm(slot: Slot, name: WasmName): void {
    this.#loadWasm(name).then(
      (module) => slot.send({ type: 'wasm', name, module, message: '' }),
      (error: Error) => slot.send({ type: 'wasm', name, module: null, message: error.message }),
    );
  }

  #answer(job: PoolJob, code: ErrorCode, what: string): void {
    this.#finish(job, { code, message: `${job.label}: ${what}`, content: null, decodeMs: 0 });
  }

  #finish(job: PoolJob, result: DecodeResult): void {
    this.#jobs.delete(job.id);
    this.#freeIds.push(job.id);
    this.#updateHold();
    job.answer(result);
  }
}
