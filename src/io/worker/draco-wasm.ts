/**
 * Compiles the Draco decoder once on the host; workers are sent the compiled module, so that ten of
 * them cost one download and one compilation.
 */

import { ErrorCode, StreamError } from '../../base/errors.ts';

interface FileSystem {
  readFile(file: URL): Promise<Uint8Array<ArrayBuffer>>;
}

/** The `draco_decoder.wasm` of this package. */
export function findDracoWasm(): URL {
  return new URL('../codecs/draco_decoder.wasm', import.meta.url);
}

/**
 * Rejects with `StreamError(Network)` that names the address: it may be there next time.
 *
 * @param address where `draco_decoder.wasm` is served; Node also takes `file:` URLs
 */
export async function compileDraco(address: string | URL): Promise<WebAssembly.Module> {
  try {
    const bytes = await load(address);
    return bytes instanceof WebAssembly.Module ? bytes : await WebAssembly.compile(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StreamError(
      ErrorCode.Network,
      `the Draco decoder could not be loaded from ${address} (${reason}); ` +
        'serve draco_decoder.wasm there or pass its address as dracoWasmUrl',
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
