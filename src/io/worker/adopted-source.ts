/** A source of this thread whose reads another thread does, as long as it can. */
import type { Bytes, ReadReport, ReadSink, Source } from '../source.ts';
import type { ReadWish } from './remote-read.ts';

export interface AdoptedHost {
  read(wish: ReadWish, sink: ReadSink): Promise<ReadReport>;
  /** The last user has let go. */
  release(): void;
}

export interface Adopted {
  readonly id: number;
  /** What was adopted. */
  readonly source: Source;
  /** What its users read from. */
  readonly proxy: Source;
  users: number;
  /** Whether it is read in this thread after all. */
  readonly isHere: boolean;
  /** From here on it is. */
  readHere(): void;
  tellAvailable(): void;
}

export function adoptedSource(id: number, source: Source, host: AdoptedHost): Adopted {
  const listeners = new Set<() => void>();
  const tellAvailable = (): void => {
    for (const tell of listeners) tell();
  };
  let stopListening = (): void => undefined;
  const adopted = {
    id,
    source,
    proxy: proxyOf(source, host, () => {
      if (--adopted.users > 0) return;
      stopListening();
      listeners.clear();
      host.release();
    }),
    users: 1,
    isHere: false,
    readHere() {
      if (adopted.isHere) return;
      adopted.isHere = true;
      stopListening = source.onAvailable?.(tellAvailable) ?? stopListening;
    },
    tellAvailable,
  };
  if (source.onAvailable)
    adopted.proxy.onAvailable = (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    };
  return adopted;
}

function proxyOf(source: Source, host: AdoptedHost, letGo: () => void): Source {
  const { name, origin, descriptor } = source;
  const readOne = async (wish: ReadWish): Promise<Bytes> => {
    let bytes: Bytes | undefined;
    await host.read(wish, {
      onPart: (_, part) => {
        bytes = part;
      },
    });
    return bytes!;
  };
  return {
    name,
    ...(origin !== undefined && { origin }),
    ...(descriptor && { descriptor }),
    read: (file, start, end, signal) =>
      readOne({ file, parts: [{ start, end }], fresh: false, signal }),
    readAll: (file, signal) => readOne({ file, parts: null, fresh: false, signal }),
    readParts: (file, parts, sink, { signal, fresh = false } = {}) =>
      host.read({ file, parts, fresh, signal }, sink),
    dispose: async () => letGo(),
  };
}
