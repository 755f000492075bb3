/** A read that another thread does: what is awaited of it here, and how its outcome gets back. */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { Bytes, Part, ReadReport, ReadSink, Source } from '../source.ts';
import { cancelledRead } from '../sources/read-error.ts';
import type { ReadEnd, ReadOrder } from './protocol.ts';

/** What to read: parts of a file, or (null) all of it. */
export interface ReadWish {
  file: string;
  parts: readonly Part[] | null;
  fresh: boolean;
  signal: AbortSignal | undefined;
}

export class RemoteRead implements ReadSink {
  readonly id: number;
  /** Number and original of the source it reads from. */
  readonly sourceId: number;
  readonly source: Source;
  readonly wish: ReadWish;
  /** Settles as `readParts` of a source does. */
  readonly outcome: Promise<ReadReport>;
  readonly #sink: ReadSink;
  #resolve!: (report: ReadReport) => void;
  #reject!: (error: StreamError) => void;
  #isOver = false;
  readonly #abort: () => void;

  /** @param onAbort called, once, when the caller's signal aborts before the end */
  constructor(
    id: number,
    from: { id: number; source: Source },
    wish: ReadWish,
    sink: ReadSink,
    onAbort: (read: RemoteRead) => void,
  ) {
    this.id = id;
    this.sourceId = from.id;
    this.source = from.source;
    this.wish = wish;
    this.#sink = sink;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#abort = () => {
      this.fail(cancelledRead(wish.file));
      onAbort(this);
    };
    wish.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get order(): ReadOrder {
    const { file, parts, fresh } = this.wish;
    const spans = parts?.flatMap(({ start, end }) => [start, end]) ?? null;
    return { do: 'read', id: this.id, source: this.sourceId, file, spans, fresh };
  }

  onBytes(count: number): void {
    if (!this.#isOver) this.#sink.onBytes?.(count);
  }

  onPart(index: number, bytes: Bytes): void {
    if (!this.#isOver) this.#sink.onPart(index, bytes);
  }

  onEnd({ report, code, message, retryAfterMs }: ReadEnd): void {
    if (report) this.succeed(report);
    else this.fail(new StreamError(code, message, retryAfterMs));
  }

  succeed(report: ReadReport): void {
    this.#finish();
    this.#resolve(report);
  }

  fail(error: StreamError): void {
    this.#finish();
    this.#reject(error);
  }

  /** Ends it as its caller's signal would. */
  cancel(): void {
    this.#abort();
  }

  #finish(): void {
    this.#isOver = true;
    this.wish.signal?.removeEventListener('abort', this.#abort);
  }
}

/** The error of a read whose worker has gone. */
export function lostRead({ source, wish }: RemoteRead, reason: string): StreamError {
  return new StreamError(
    ErrorCode.Network,
    `${source.name}: the I/O worker died while ${wish.file} was read (${reason})`,
  );
}
