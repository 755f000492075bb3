/**
 * Decodes in place, one job after another. For simulations, where the answer must be a pure
 * function of the bytes and arrive in microtasks, and for servers that have no frame to protect.
 */
import { assert } from '../../base/assert.ts';
import { ErrorCode } from '../../base/errors.ts';
import type { BasisTranscode } from '../codecs/basis.ts';
import type { DracoDecode } from '../codecs/draco.ts';
import type { ImageDecode } from '../codecs/image.ts';
import { decodeMesh, type MeshCodecs } from '../codecs/mesh.ts';
import { warmMeshopt } from '../codecs/meshopt.ts';
import { type ContentDecode, createContentDecode, decodePayload } from '../codecs/payload.ts';
import { closeContent } from '../codecs/transfer.ts';
import { type CustomKinds, checkKinds } from '../custom-kinds.ts';
import type { DecodeJob, DecodeResult, Decoder } from '../decoder.ts';
import { compileWasm, findWasm } from './wasm-files.ts';

export interface InlineDecoderOptions {
  /**
   * Replaces the mesh codecs, e.g. in a simulation that wants no geometry. Checksum and blocks are
   * still checked before it is called.
   */
  decodeMesh?: ContentDecode;
  /** Kinds of the game's own; their decoder modules run in this thread. */
  kinds?: CustomKinds;
  /** Address of `draco_decoder.wasm`; default: the one of this package. */
  dracoWasmUrl?: string | URL;
  /** Address of `basis_transcoder.wasm`; default: the one of this package. */
  basisWasmUrl?: string | URL;
  /** Decodes JPEG, PNG, WebP and AVIF where there is no `createImageBitmap`. Default: they stay encoded. */
  decodeImage?: ImageDecode;
}

export interface InlineDecoder extends Decoder {
  /**
   * Loads what raw content does not need: the meshopt and the Draco decoder. After it all answers
   * arrive in microtasks; without it the first ones wait for the loading.
   */
  warm(): Promise<void>;
}

interface Waiting {
  job: DecodeJob;
  answer: (result: DecodeResult) => void;
}

/** Jobs are decoded in order of arrival; `decodeMs` is always 0, so that a run can be repeated. */
export function createInlineDecoder(options: InlineDecoderOptions = {}): InlineDecoder {
  assert(
    options.decodeMesh === undefined || typeof options.decodeMesh === 'function',
    'decodeMesh must be a function',
  );
  const draco = lazyDraco(options.dracoWasmUrl ?? findWasm('draco'));
  const codecs: MeshCodecs = {
    draco: draco.decode,
    basis: lazyBasis(options.basisWasmUrl ?? findWasm('basis')),
    support: null,
    decodeImage: options.decodeImage,
  };
  const kinds = checkKinds(options.kinds);
  const decode = createContentDecode(
    options.decodeMesh ?? ((content, job, name) => decodeMesh(content, job, codecs, name)),
  );
  const waiting: Waiting[] = [];
  let running: Waiting | undefined;
  let isDisposed = false;

  const run = async (): Promise<void> => {
    for (running = waiting.shift(); running; running = waiting.shift()) {
      const current = running;
      // One microtask apart: `decode` never answers before it has returned.
      const result = await decodePayload(
        { ...current.job, decoder: kinds.get(current.job.kind)?.decoder ?? null },
        decode,
        () => 0,
      );
      if (isDisposed) closeContent(result.content);
      else current.answer(result);
    }
  };
  const cancelled = ({ job, answer }: Waiting): void =>
    answer({
      code: ErrorCode.Cancelled,
      message: `${job.label}: cancelled before it was decoded`,
      content: null,
      decodeMs: 0,
    });

  return {
    get pendingCount() {
      return waiting.length + (running ? 1 : 0);
    },
    decode: (job) =>
      new Promise((answer) => {
        if (isDisposed) {
          cancelled({ job, answer });
          return;
        }
        waiting.push({ job, answer });
        if (!running) void run();
      }),
    cancel(payload) {
      const at = waiting.findIndex(({ job }) => job.payload === payload);
      if (at < 0) return false;
      for (const entry of waiting.splice(at, 1)) cancelled(entry);
      return true;
    },
    setTextureSupport(bits) {
      codecs.support = bits;
    },
    async warm() {
      await warmMeshopt();
      await draco.warm();
    },
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      if (running) cancelled(running);
      for (const entry of waiting.splice(0)) cancelled(entry);
    },
  };
}

interface LazyDraco {
  decode: DracoDecode;
  warm(): Promise<void>;
}

/** loaders.gl is loaded when first needed: a page that decodes in workers never carries it. */
function lazyDraco(wasmUrl: string | URL): LazyDraco {
  const loadWasm = (): Promise<WebAssembly.Module> => compileWasm('draco', wasmUrl);
  let decode: DracoDecode | undefined;
  return {
    async decode(header, primitive, streams) {
      decode ??= (await import('../codecs/draco.ts')).createDracoDecode(loadWasm);
      return decode(header, primitive, streams);
    },
    async warm() {
      await (await import('../codecs/draco.ts')).warmDraco(loadWasm);
    },
  };
}

function lazyBasis(wasmUrl: string | URL): BasisTranscode {
  let transcode: BasisTranscode | undefined;
  return async (...image) => {
    transcode ??= (await import('../codecs/basis.ts')).createBasisTranscode(() =>
      compileWasm('basis', wasmUrl),
    );
    return transcode(...image);
  };
}
