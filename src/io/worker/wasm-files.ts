/**
 * Compiles the decoders that are WebAssembly files once on the host; workers are sent the compiled
 * modules, so that ten of them cost one download and one compilation.
 */
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';

/** Decoders that come as a file of their own. */
export type WasmName = 'draco' | 'basis';

interface FileSystem {
  readFile(file: URL): Promise<Uint8Array<ArrayBuffer>>;
}

const WHAT: Readonly<Record<WasmName, { title: string; file: string; option: string }>> = {
  draco: { title: 'Draco decoder', file: 'draco_decoder.wasm', option: 'dracoWasmUrl' },
  basis: { title: 'Basis transcoder', file: 'basis_transcoder.wasm', option: 'basisWasmUrl' },
};

/** The file of this package. */
export function findWasm(name: WasmName): URL {
  // Two literals: bundlers look for them.
  if (name === 'draco') return new URL('../codecs/draco_decoder.wasm', import.meta.url);
  return new URL('../codecs/basis_transcoder.wasm', import.meta.url);
}

/**
 * Rejects with `StreamError(Network)` that names the address: it may be there next time.
 *
 * @param address where the file is served; Node also takes `file:` URLs
 */
export async function compileWasm(
  name: WasmName,
  address: string | URL,
): Promise<WebAssembly.Module> {
  try {
    const bytes = await load(address);
    return bytes instanceof WebAssembly.Module ? bytes : await WebAssembly.compile(bytes);
  } catch (error) {
    const { title, file, option } = WHAT[name];
    const reason = reasonOf(error);
    throw new StreamError(
      ErrorCode.Network,
      `the ${title} could not be loaded from ${address} (${reason}); ` +
        `serve ${file} there or pass its address as ${option}`,
    );
  }
}

async function load(address: string | URL): Promise<BufferSource | WebAssembly.Module> {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const files = host.process?.getBuiltinModule?.('node:fs/promises') as FileSystem | undefined;
  if (files && String(address).startsWith('file:')) return files.readFile(new URL(address));
  const response = await fetch(address);
  if (!response.ok) throw new Error(`HTTP ${response.status} ${response.statusText}`);
  // Compiling while the bytes arrive needs the right content type, which plain servers do not send.
  const isWasm = response.headers.get('content-type')?.startsWith('application/wasm') ?? false;
  return isWasm ? WebAssembly.compileStreaming(response) : response.arrayBuffer();
}
