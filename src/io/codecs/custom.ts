/**
 * Content of a kind of the game's own: hands the bytes to the game's decoder module. Only addresses
 * that the host was configured with are ever loaded; a payload names its kind, nothing more.
 */
import { describe } from '../../base/assert.ts';
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';
import type { CustomContent } from '../content.ts';
import type { CustomDecoder } from '../custom-kinds.ts';
import type { Bytes } from '../source.ts';

export interface CustomJob {
  kind: number;
  decodedBytes: number;
  label: string;
  /** Address of the decoder module; without one the value is the bytes. */
  decoder?: string | null;
}

const modules = new Map<string, Promise<CustomDecoder>>();

/** Rejects with `StreamError(Decode)` that says whether the module, its answer or its work is bad. */
export async function decodeCustom(content: Bytes, job: CustomJob): Promise<CustomContent> {
  const { kind, label, decoder } = job;
  if (content.length > job.decodedBytes)
    throw failed(`it holds ${content.length} bytes, expected at most ${job.decodedBytes}`);
  const bytes = content.byteLength === content.buffer.byteLength ? content : content.slice();
  if (!decoder) return { kind, value: bytes, transfer: [bytes.buffer] };
  const decode = await load(decoder);
  let answer: unknown;
  try {
    answer = await decode(bytes, { label });
  } catch (error) {
    throw failed(`its decoder ${decoder} failed: ${text(error)}`);
  }
  if (typeof answer !== 'object' || answer === null || !('value' in answer))
    throw failed(
      `its decoder ${decoder} answered ${describe(answer)}, expected { value, transfer? }`,
    );
  const { value, transfer = [] } = answer as { value: unknown; transfer?: unknown };
  if (!Array.isArray(transfer))
    throw failed(`its decoder ${decoder} wants to transfer ${describe(transfer)}, expected a list`);
  return { kind, value, transfer: [...new Set(transfer as Transferable[])] };
}

async function load(address: string): Promise<CustomDecoder> {
  const known = modules.get(address);
  if (known) return known;
  const loading = importDecoder(address);
  modules.set(address, loading);
  // It may be there next time: hosts differ in whether they ask again.
  loading.catch(() => modules.delete(address));
  return loading;
}

async function importDecoder(address: string): Promise<CustomDecoder> {
  let loaded: { default?: unknown };
  try {
    loaded = await import(/* @vite-ignore */ /* webpackIgnore: true */ address);
  } catch (error) {
    throw failed(`its decoder ${address} does not load: ${text(error)}`);
  }
  if (typeof loaded.default !== 'function')
    throw failed(
      `its decoder ${address} exports ${describe(loaded.default)} as default, expected a function`,
    );
  return loaded.default as CustomDecoder;
}

function failed(what: string): StreamError {
  return new StreamError(ErrorCode.Decode, what);
}

function text(error: unknown): string {
  return reasonOf(error);
}
