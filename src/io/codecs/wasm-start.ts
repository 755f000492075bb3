/**
 * Starts a decoder whose glue Emscripten wrote, from a module that was compiled elsewhere: once a
 * thread, and again only if that failed.
 */
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';

/** What Emscripten's glue exports. */
export type Glue = (options: object) => Promise<object>;

/** Rejects with `StreamError(Decode)`, or with what `loadWasm` said. */
export type WasmStart<T> = (loadWasm: () => Promise<WebAssembly.Module>) => Promise<T>;

/**
 * @param name for messages, e.g. `Draco decoder`
 * @param finish makes of the started module what its users want
 */
export function createWasmStart<T>(
  name: string,
  glue: Glue,
  finish: (module: object) => T,
): WasmStart<T> {
  let started: Promise<T> | undefined;
  return async (loadWasm) => {
    started ??= loadWasm().then(async (wasm) => finish(await instantiate(glue, wasm)));
    try {
      return await started;
    } catch (error) {
      started = undefined;
      if (error instanceof StreamError) throw error;
      const message = `the ${name} does not start: ${reasonOf(error)}`;
      throw new StreamError(ErrorCode.Decode, message);
    }
  };
}

function instantiate(glue: Glue, wasm: WebAssembly.Module): Promise<object> {
  return new Promise((resolve, reject) => {
    const options = {
      print: () => undefined,
      printErr: () => undefined,
      instantiateWasm(imports: WebAssembly.Imports, done: (instance: object) => void): object {
        WebAssembly.instantiate(wasm, imports).then(done, reject);
        return {};
      },
    };
    glue(options).then(resolve, reject);
  });
}
