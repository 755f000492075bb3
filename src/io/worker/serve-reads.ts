/**
 * The reading role of a worker: makes the sources it is told of, owns their connections, and sends
 * every part on as soon as it is complete.
 */
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';
import { readParts } from '../parts.ts';
import type { Bytes, Part, ReadReport, ReadSink, Source } from '../source.ts';
import { makeSource } from '../sources/make-source.ts';
import type { Port, Role } from './port.ts';
import type { ReadOrder, ToReader } from './protocol.ts';
import { NewsBatch } from './read-news.ts';

type ReadRequest = ReadOrder & { do: 'read' };

interface OpenSource {
  source: Source;
  reads: Set<AbortController>;
  stopListening: () => void;
}

export function serveReads(port: Port): Role<ToReader> {
  return new ReadService(port);
}

class ReadService implements Role<ToReader> {
  readonly #port: Port;
  readonly #news: NewsBatch;
  readonly #sources = new Map<number, OpenSource>();
  readonly #reads = new Map<number, AbortController>();

  constructor(port: Port) {
    this.#port = port;
    this.#news = new NewsBatch(port);
  }

  take({ orders }: ToReader): void {
    for (const order of orders) this.#obey(order);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#sources.keys()].map((source) => this.#close(source)));
  }

  #obey(order: ReadOrder): void {
    if (order.do === 'open') this.#open(order);
    else if (order.do === 'close') void this.#close(order.source);
    else if (order.do === 'abort') this.#reads.get(order.id)?.abort();
    else void this.#read(order);
  }

  #open({ source: id, descriptor }: ReadOrder & { do: 'open' }): void {
    const onWarning = (message: string): void =>
      this.#port.post({ type: 'warning', source: id, message });
    let source: Source;
    try {
      source = makeSource(descriptor, { onWarning });
    } catch (error) {
      const message = reasonOf(error);
      this.#port.post({ type: 'refused', source: id, message });
      return;
    }
    const tell = (): void => this.#port.post({ type: 'available', source: id });
    const stopListening = source.onAvailable?.(tell) ?? ((): void => undefined);
    this.#sources.set(id, { source, reads: new Set(), stopListening });
  }

  async #close(id: number): Promise<void> {
    const open = this.#sources.get(id);
    if (!open) return;
    this.#sources.delete(id);
    open.stopListening();
    for (const controller of open.reads) controller.abort();
    // A store that cannot be closed has nobody left to tell.
    await open.source.dispose?.().catch(() => undefined);
  }

  async #read({ id, source, file, spans, fresh }: ReadRequest): Promise<void> {
    const open = this.#sources.get(source);
    const controller = new AbortController();
    this.#reads.set(id, controller);
    open?.reads.add(controller);
    try {
      if (!open) throw new StreamError(ErrorCode.Cancelled, `the source of ${file} is closed`);
      const { signal } = controller;
      const report = spans
        ? await readParts(open.source, file, partsOf(spans), this.#sinkOf(id), { signal, fresh })
        : await this.#readAll(open.source, id, file, signal);
      this.#news.addEnd({ id, report, code: ErrorCode.None, message: '', retryAfterMs: 0 });
    } catch (error) {
      this.#news.addEnd({ id, report: null, ...explain(error, file) });
    }
    this.#reads.delete(id);
    open?.reads.delete(controller);
  }

  #sinkOf(id: number): ReadSink {
    return {
      onBytes: (count) => this.#news.addBytes(id, count),
      onPart: (index, bytes) => this.#news.addPart({ id, index, bytes: owned(bytes) }),
    };
  }

  async #readAll(
    source: Source,
    id: number,
    file: string,
    signal: AbortSignal,
  ): Promise<ReadReport> {
    const bytes = await source.readAll(file, signal);
    this.#news.addPart({ id, index: 0, bytes: owned(bytes) });
    return { linkBytes: bytes.length, cachedBytes: 0, firstByteMs: 0 };
  }
}

function partsOf(spans: readonly number[]): Part[] {
  const parts: Part[] = [];
  for (let i = 0; i < spans.length; i += 2) parts.push({ start: spans[i]!, end: spans[i + 1]! });
  return parts;
}

/** What is transferred takes its whole buffer along: bytes that share theirs are copied. */
function owned(bytes: Bytes): Bytes {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function explain(
  error: unknown,
  file: string,
): { code: ErrorCode; message: string; retryAfterMs: number } {
  if (error instanceof StreamError) {
    const { code, message, retryAfterMs } = error;
    return { code, message, retryAfterMs };
  }
  const reason = reasonOf(error);
  return {
    code: ErrorCode.Network,
    message: `reading ${file} failed (${reason})`,
    retryAfterMs: 0,
  };
}
