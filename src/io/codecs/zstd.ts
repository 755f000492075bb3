/**
 * Decodes zstd blocks with `zstddec`. A world without such blocks never loads it: the package comes
 * by `import()` when the first block asks for it.
 */
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';
import type { Bytes } from '../source.ts';

/** Decodes `source` into `target` and returns how many bytes came out; throws on damage. */
export type ZstdDecode = (source: Bytes, target: Bytes) => number;

let decoder: ZstdDecode | null = null;
let loading: Promise<ZstdDecode> | undefined;

/** The decoder if it is loaded, else null. */
export function loadedZstd(): ZstdDecode | null {
  return decoder;
}

/**
 * Loads the decoder once. Rejects with `StreamError(Network)` where its code or its wasm cannot be
 * loaded; the next call tries again.
 */
export function loadZstd(): Promise<ZstdDecode> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    const reason = reasonOf(error);
    throw new StreamError(
      ErrorCode.Network,
      `the zstd decoder could not be loaded (${reason}); serve the package's files, and allow ` +
        '"data:" in connect-src and "wasm-unsafe-eval" in script-src if the page has a CSP',
    );
  });
  return loading;
}

async function load(): Promise<ZstdDecode> {
  const { ZSTDDecoder } = await import('zstddec');
  const zstd = new ZSTDDecoder();
  await zstd.init();
  decoder = (source, target) => {
    // A frame that is damaged or does not fit comes back as the wrong number of bytes.
    const bytes = zstd.decode(source, target.length);
    if (bytes.length <= target.length) target.set(bytes);
    return bytes.length;
  };
  return decoder;
}
