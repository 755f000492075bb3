/** A decoder for payloads without bytes. */
import { ErrorCode } from '../../src/base/errors.ts';
import type { Decoder } from '../../src/io/decoder.ts';

/** Contents are never looked at. */
export function createOpaqueDecoder(): Decoder {
  return {
    pendingCount: 0,
    decode: async () => ({
      code: ErrorCode.None,
      message: '',
      content: { scale: 1, offset: [0, 0, 0], primitives: [], materials: [], images: [] },
      decodeMs: 0,
    }),
    cancel: () => false,
    dispose: async () => undefined,
  };
}
