/**
 * A source inside a zip archive of another source. Stored entries are read by range straight
 * through; deflated ones are inflated, whole within a bound, else anew up to the range.
 */
import { assertNumber } from '../../base/assert.ts';
import { crc32 } from '../../base/crc32.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { createPartCutter, readParts } from '../parts.ts';
import type { Bytes, Part, ReadOptions, ReadReport, ReadSink, Source } from '../source.ts';
import { cancelledRead, checkRange, orCancelled, shortRead } from './read-error.ts';
import { createWholeFiles } from './whole-files.ts';
import {
  DEFLATED,
  LOCAL_HEADER,
  readZipDirectory,
  STORED,
  type ZipDirectory,
  type ZipEntry,
} from './zip-directory.ts';
import { inflateEntry } from './zip-inflate.ts';

export interface ZipSourceOptions {
  /** Bytes of the archive; needed where the source cannot tell (`Source.size`). */
  archiveBytes?: number;
  /** Bytes of inflated entries kept whole. */
  cacheBytes?: number;
}

/** One pack of the largest kind. Of larger entries every read inflates all that lies before it. */
export const ZIP_SOURCE_DEFAULTS: Readonly<{ cacheBytes: number }> = {
  cacheBytes: 64 * 1024 * 1024,
};

const LOCAL_BYTES = 30;

/** Deflate cannot pack more than this many bytes into one. Based on: zlib's technical notes. */
const DEFLATE_MAX_RATIO = 1032;

/**
 * The files of archive `file`, named from the folder that holds `world.json`. Zip64 and archives
 * behind other data are read; encrypted, split and otherwise packed ones are refused as `Decode`
 * errors. The CRC of an entry is checked whenever it is read whole.
 */
export function zipSource(source: Source, file: string, options: ZipSourceOptions = {}): Source {
  const { cacheBytes } = { ...ZIP_SOURCE_DEFAULTS, ...options };
  assertNumber('cacheBytes', cacheBytes, 0);
  if (options.archiveBytes !== undefined) assertNumber('archiveBytes', options.archiveBytes, 0);
  const archive = new Archive(source, file, options.archiveBytes, cacheBytes);
  return {
    name: archive.name,
    ...(source.origin !== undefined && { origin: source.origin }),
    ...(source.descriptor && {
      descriptor: { kind: 'zip', inner: source.descriptor, file, options },
    }),
    size: async (entry, signal) => (await archive.find(entry, { ...(signal && { signal }) })).bytes,
    async read(entry, start, end, signal) {
      checkRange(entry, start, end);
      const read: Bytes[] = [];
      const sink: ReadSink = { onPart: (_, part) => void read.push(part) };
      await archive.readParts(entry, [{ start, end }], sink, { ...(signal && { signal }) });
      return read[0]!;
    },
    readAll: (entry, signal) => archive.readAll(entry, { ...(signal && { signal }) }),
    readParts: (entry, parts, sink, settings = {}) =>
      archive.readParts(entry, parts, sink, settings),
    ...(source.onAvailable && { onAvailable: (callback) => source.onAvailable!(callback) }),
    ...(source.dispose && { dispose: () => source.dispose!() }),
  };
}

class Archive {
  readonly name: string;
  readonly #source: Source;
  readonly #file: string;
  readonly #archiveBytes: number | undefined;
  readonly #inflated: ReturnType<typeof createWholeFiles>;
  #directory: Promise<ZipDirectory> | undefined;
  /** First byte of the data of entries whose local header was read. */
  readonly #starts = new Map<ZipEntry, number>();

  constructor(source: Source, file: string, archiveBytes: number | undefined, cacheBytes: number) {
    this.name = `${source.name}: ${file}`;
    this.#source = source;
    this.#file = file;
    this.#archiveBytes = archiveBytes;
    this.#inflated = createWholeFiles(cacheBytes);
  }

  async find(name: string, { signal, fresh }: ReadOptions): Promise<ZipEntry> {
    if (signal?.aborted) throw cancelledRead(name);
    if (fresh) this.#forget(name);
    if (!this.#directory) {
      const reading = this.#readDirectory();
      this.#directory = reading;
      // A failure may be the network's: the next read tries again.
      reading.catch(() => this.#directory === reading && this.#forget(name));
    }
    const { entries } = await orCancelled(name, this.#directory, signal);
    const entry = entries.get(name);
    if (entry) return entry;
    const names = [...entries.keys()].slice(0, 5).join(', ') || 'none at all';
    throw new StreamError(
      ErrorCode.NotFound,
      `there is no file ${name} in ${this.name}; it has ${names}`,
    );
  }

  async readAll(name: string, options: ReadOptions): Promise<Bytes> {
    const entry = await this.find(name, options);
    if (entry.bytes === 0) return new Uint8Array(0);
    if (entry.method === DEFLATED && entry.bytes <= this.#inflated.capacityBytes)
      return (await orCancelled(name, this.#inflateWhole(entry), options.signal)).slice();
    const whole: Bytes[] = [];
    const sink: ReadSink = { onPart: (_, part) => void whole.push(part) };
    await this.readParts(name, [{ start: 0, end: entry.bytes }], sink, options);
    this.#checkCrc(entry, crc32(whole[0]!));
    return whole[0]!;
  }

  async readParts(
    name: string,
    parts: readonly Part[],
    sink: ReadSink,
    options: ReadOptions,
  ): Promise<ReadReport> {
    const entry = await this.find(name, options);
    for (const { start, end } of parts) {
      checkRange(name, start, end);
      if (end > entry.bytes) throw shortRead(name, start, end, entry.bytes);
    }
    const from = await this.#findData(entry, options);
    if (entry.method === STORED) {
      const shifted = parts.map(({ start, end }) => ({ start: start + from, end: end + from }));
      return readParts(this.#source, this.#file, shifted, sink, options);
    }
    const cutter = createPartCutter(parts, sink);
    if (entry.bytes <= this.#inflated.capacityBytes) {
      const whole = await orCancelled(name, this.#inflateWhole(entry), options.signal);
      cutter.push(whole.subarray(cutter.start, cutter.end));
      return { linkBytes: cutter.end - cutter.start, cachedBytes: 0, firstByteMs: 0 };
    }
    const linkBytes = await this.#inflate(entry, from, cutter.end, options, (chunk, at) => {
      if (at + chunk.length > cutter.start)
        cutter.push(chunk.subarray(Math.max(0, cutter.start - at)));
    });
    cutter.finish(name);
    return { linkBytes, cachedBytes: 0, firstByteMs: 0 };
  }

  #forget(name: string): void {
    this.#directory = undefined;
    this.#starts.clear();
    this.#inflated.forget(name);
  }

  async #readDirectory(): Promise<ZipDirectory> {
    const source = this.#source;
    const size = this.#archiveBytes ?? (await source.size?.(this.#file));
    if (size === undefined)
      throw new StreamError(
        ErrorCode.Decode,
        `${source.name} cannot tell how long ${this.#file} is: pass archiveBytes to zipSource`,
      );
    return readZipDirectory(this.name, size, (start, end) => source.read(this.#file, start, end));
  }

  /** Where the data of an entry begins: its local header has a name and extras of its own length. */
  async #findData(entry: ZipEntry, { signal }: ReadOptions): Promise<number> {
    const known = this.#starts.get(entry);
    if (known !== undefined) return known;
    const { name, method, isEncrypted, headerAt, packedBytes, bytes } = entry;
    if (isEncrypted) throw this.#complain(`${name} is encrypted`);
    if (method !== STORED && method !== DEFLATED)
      throw this.#complain(`${name} is packed by method ${method}, expected 0 or 8`);
    if (method === STORED ? packedBytes !== bytes : bytes > packedBytes * DEFLATE_MAX_RATIO)
      throw this.#complain(`${name} claims ${bytes} bytes in ${packedBytes}`);
    const { dataEnd } = await this.#directory!;
    if (headerAt + LOCAL_BYTES > dataEnd) throw this.#complain(`${name} has no local header`);
    const end = headerAt + LOCAL_BYTES;
    const header = await this.#source.read(this.#file, headerAt, end, signal);
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    if (view.getUint32(0, true) !== LOCAL_HEADER || view.getUint16(8, true) !== method)
      throw this.#complain(`${name} has no local header at byte ${headerAt}`);
    const from = end + view.getUint16(26, true) + view.getUint16(28, true);
    if (from + packedBytes > dataEnd)
      throw this.#complain(`${name} ends at byte ${from + packedBytes} of ${dataEnd}`);
    this.#starts.set(entry, from);
    return from;
  }

  /** Shared by all who ask for the entry meanwhile, so nobody's signal may end it. */
  #inflateWhole(entry: ZipEntry): Promise<Bytes> {
    const inflate = async (): Promise<Bytes> => {
      const from = await this.#findData(entry, {});
      const bytes = new Uint8Array(entry.bytes);
      let crc = 0;
      await this.#inflate(entry, from, entry.bytes, {}, (chunk, at) => {
        bytes.set(chunk, at);
        crc = crc32(chunk, crc);
      });
      this.#checkCrc(entry, crc);
      return bytes;
    };
    return this.#inflated.get(entry.name) ?? this.#inflated.add(entry.name, entry.bytes, inflate());
  }

  #inflate(
    entry: ZipEntry,
    from: number,
    until: number,
    { signal }: ReadOptions,
    take: (chunk: Uint8Array, at: number) => void,
  ): Promise<number> {
    const read = (start: number, end: number): Promise<Bytes> =>
      this.#source.read(this.#file, start, end, signal);
    return inflateEntry(
      { entry, from, until, read, complain: (what) => this.#complain(what) },
      take,
    );
  }

  #checkCrc({ name, crc }: ZipEntry, seen: number): void {
    if (seen === crc) return;
    throw new StreamError(
      ErrorCode.Checksum,
      `${name} in ${this.name} has checksum ${seen.toString(16)}, expected ${crc.toString(16)}`,
    );
  }

  #complain(what: string): StreamError {
    return new StreamError(ErrorCode.Decode, `${this.name} cannot be read: ${what}`);
  }
}
