/** What the pool counts: how busy its workers are, what each codec has cost, who died. */
import { ErrorCode } from '../../base/errors.ts';
import type { DecodeJob, DecodeResult, DecoderStats } from '../decoder.ts';

/** Where a result that does not say what unpacked it is counted. */
const UNNAMED = 'other';

export class PoolStats implements DecoderStats {
  workerCount = 0;
  busyMs = 0;
  crashes = 0;
  readonly codecs: DecoderStats['codecs'] = {};
  /** Milliseconds of workers that are gone. */
  #endedMs = 0;
  readonly #sinceMs = new Map<object, number>();

  get aliveMs(): number {
    const nowMs = performance.now();
    let sum = this.#endedMs;
    for (const sinceMs of this.#sinceMs.values()) sum += nowMs - sinceMs;
    return sum;
  }

  /** `worker`: whatever stands for it, the same object in `onEnd`. */
  onStart(worker: object): void {
    this.#sinceMs.set(worker, performance.now());
    this.workerCount = this.#sinceMs.size;
  }

  onEnd(worker: object): void {
    const sinceMs = this.#sinceMs.get(worker);
    if (sinceMs === undefined) return;
    this.#sinceMs.delete(worker);
    this.#endedMs += performance.now() - sinceMs;
    this.workerCount = this.#sinceMs.size;
  }

  onResult(job: DecodeJob, { code, codec = UNNAMED, decodeMs, decodedBytes }: DecodeResult): void {
    this.busyMs += decodeMs;
    if (code !== ErrorCode.None) return;
    this.codecs[codec] ??= { jobs: 0, bytes: 0, ms: 0 };
    const row = this.codecs[codec];
    row.jobs++;
    row.bytes += decodedBytes ?? job.decodedBytes;
    row.ms += decodeMs;
  }
}
