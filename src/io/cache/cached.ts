/**
 * A source with a persistent cache in front. What the cache has is delivered at once, the rest is
 * asked from the source behind, one read at a time, and stored as it arrives, out of the way.
 *
 * Files with a hash in their name never change: what the cache has of them is used without asking.
 * Any other file (the head of a bundle) is asked for first, and taken from the cache when the source
 * cannot be reached; ranges of such files pass by the cache.
 */
import type { Clock } from '../../base/clock.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { readParts } from '../parts.ts';
import type { Bytes, Part, ReadOptions, ReadReport, ReadSink, Source } from '../source.ts';
import { sourceEnv } from '../sources/env.ts';
import { cancelledRead, checkRange } from '../sources/read-error.ts';
import type { CacheAccess, CachePlace } from './access.ts';
import { groupMissing } from './group-missing.ts';
import { fileKey, rangeKey } from './key.ts';

export interface CachedOptions {
  /** What tells this world's files from others in the same place. Default: the source's name. */
  key?: string;
  /** Which files never change: those with 16 hex digits or more in their name (default), or all. */
  unchanging?: 'hashed' | 'all';
  /** Told, once for each reason, why there is no cache. Default: the console. */
  onWarning?: (message: string) => void;
  clock?: Clock;
}

/** What a cached copy stands in for: the source is away. It says nothing about the file. */
const AWAY: readonly ErrorCode[] = [
  ErrorCode.Network,
  ErrorCode.Timeout,
  ErrorCode.Server,
  ErrorCode.Unavailable,
];

/**
 * Puts a cache in front of `source`.
 *
 * In a browser the cache works in the I/O worker, which makes this source from its `descriptor`; on
 * the page itself it passes everything through and says so once. In Node it works in any thread.
 *
 * @param place `opfsStore(…)`, or in Node `folderStore(…)`
 */
export function cached(source: Source, place: CachePlace, options: CachedOptions = {}): Source {
  const { key = source.name, unchanging = 'hashed' } = options;
  const environment = sourceEnv(options);
  const { onAvailable, size } = source;
  let access: Promise<CacheAccess | null> | null = null;
  const open = (): Promise<CacheAccess | null> => {
    access ??= place.open(environment);
    return access;
  };
  const isUnchanging = (file: string): boolean =>
    unchanging === 'all' || /(^|[^0-9a-z])[0-9a-f]{16,}([^0-9a-z]|$)/i.test(file);
  const reader: CachedReader = { source, key, open };

  const readRanges: NonNullable<Source['readParts']> = (file, parts, sink, wanted = {}) =>
    isUnchanging(file)
      ? readThrough(reader, file, parts, sink, wanted)
      : readParts(source, file, parts, sink, wanted);

  return {
    name: source.name,
    ...(source.origin !== undefined && { origin: source.origin }),
    ...(options.onWarning && { onWarning: options.onWarning }),
    ...(onAvailable && { onAvailable: (callback) => onAvailable.call(source, callback) }),
    ...(size && { size: (file, signal) => size.call(source, file, signal) }),
    ...(source.descriptor && {
      descriptor: {
        kind: 'cached',
        inner: source.descriptor,
        store: place.descriptor,
        options: { key, unchanging },
      },
    }),
    async read(file, start, end, signal): Promise<Bytes> {
      checkRange(file, start, end);
      let result: Bytes | undefined;
      const sink = {
        onPart: (_: number, bytes: Bytes): void => {
          result = bytes;
        },
      };
      await readRanges(file, [{ start, end }], sink, signal ? { signal } : {});
      if (result) return result;
      throw new StreamError(ErrorCode.ShortRead, `${source.name} delivered nothing of ${file}`);
    },
    readAll: (file, signal) => readWhole(reader, file, isUnchanging(file), signal),
    readParts: readRanges,
    async dispose() {
      const opened = access;
      access = Promise.resolve(null);
      await (await opened)?.close();
      await source.dispose?.();
    },
  };
}

interface CachedReader {
  source: Source;
  key: string;
  open: () => Promise<CacheAccess | null>;
}

async function readThrough(
  { source, key, open }: CachedReader,
  file: string,
  parts: readonly Part[],
  sink: ReadSink,
  options: ReadOptions,
): Promise<ReadReport> {
  const access = await open();
  if (!access) return readParts(source, file, parts, sink, options);
  const keys = parts.map(({ start, end }) => rangeKey(key, file, start, end));
  // What was read before was damaged: nobody shall find it again, whatever becomes of this read.
  if (options.fresh) for (const one of keys) access.drop(one);
  const found = options.fresh ? keys.map(() => null) : await access.read(keys);
  if (options.signal?.aborted) throw cancelledRead(file);
  const report: ReadReport = { linkBytes: 0, cachedBytes: 0, firstByteMs: 0 };
  found.forEach((bytes, index) => {
    if (!bytes) return;
    report.cachedBytes += bytes.length;
    sink.onPart(index, bytes);
  });
  for (const group of groupMissing(parts, found)) {
    const wanted = group.map((index) => parts[index]!);
    const keep: ReadSink = {
      onPart(i, bytes) {
        // The copy comes first: the buffer is its receiver's from then on.
        access.write(keys[group[i]!]!, bytes);
        sink.onPart(group[i]!, bytes);
      },
      onBytes: (count) => sink.onBytes?.(count),
    };
    const { linkBytes, cachedBytes, firstByteMs } = await readParts(
      source,
      file,
      wanted,
      keep,
      options,
    );
    report.linkBytes += linkBytes;
    report.cachedBytes += cachedBytes;
    report.firstByteMs ||= firstByteMs;
  }
  return report;
}

async function readWhole(
  { source, key, open }: CachedReader,
  file: string,
  isUnchanging: boolean,
  signal: AbortSignal | undefined,
): Promise<Bytes> {
  const access = await open();
  if (!access) return source.readAll(file, signal);
  const one = fileKey(key, file);
  const find = async (): Promise<Bytes | null> => (await access.read([one]))[0] ?? null;
  const known = isUnchanging ? await find() : null;
  if (known) return known;
  try {
    const bytes = await source.readAll(file, signal);
    access.write(one, bytes);
    return bytes;
  } catch (error) {
    const isAway = error instanceof StreamError && AWAY.includes(error.code);
    const kept = isAway && !isUnchanging ? await find() : null;
    if (kept) return kept;
    throw error;
  }
}
