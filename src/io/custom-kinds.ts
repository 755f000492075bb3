/**
 * Payload kinds of the game's own: sounds, animations, scripts, anything. They come through the same
 * scheduler, budget and workers as meshes do; only what the bytes mean is the game's to say.
 */
import { assert, describe } from '../base/assert.ts';
import { FIRST_CUSTOM_KIND, LAST_CUSTOM_KIND } from './content.ts';

/** What the default export of a decoder module answers with. */
export interface CustomValue {
  /** Anything that can be sent between threads (structured clone). */
  value: unknown;
  /** Buffers within `value` that move instead of being copied. */
  transfer?: Transferable[];
}

/**
 * The default export of a decoder module. Runs in a decode worker, once per payload. What it throws,
 * or never answering, ends the payload with a code and nothing else.
 *
 * @param bytes the content as it was cooked, in a buffer of its own
 */
export type CustomDecoder = (
  bytes: Uint8Array<ArrayBuffer>,
  context: { label: string },
) => CustomValue | Promise<CustomValue>;

/** How a kind is decoded, and who is told. Without a decoder the value is the bytes themselves. */
export interface KindOptions {
  /** The number that the cook wrote, 16 to 255. */
  id: number;
  /**
   * A module whose default export is a `CustomDecoder`; it runs in the decode worker. Always the
   * game's own address, never one that came with the data.
   */
  decoder?: string | URL;
  /**
   * Turns the bytes into the value on the main thread, within the frame's milliseconds for uploads.
   * For small things; instead of `decoder`.
   */
  decode?: (bytes: Uint8Array<ArrayBuffer>) => unknown;
  /** The value is resident. `entities` request it just now. */
  onReady?: (value: unknown, about: { asset: string; entities: readonly number[] }) => void;
  /** The value was evicted or its world closed: once for each that was resident. */
  release?: (value: unknown, about: { asset: string }) => void;
}

/** By a name of the game's own, for messages. */
export type CustomKinds = Readonly<Record<string, KindOptions>>;

/** A kind as it was registered. */
export interface RegisteredKind extends Omit<KindOptions, 'decoder'> {
  name: string;
  /** Absolute address of the decoder module. */
  decoder: string | null;
}

/** Throws, naming the kind, what was seen and what was expected. */
export function checkKinds(kinds: CustomKinds = {}): Map<number, RegisteredKind> {
  const known = new Map<number, RegisteredKind>();
  for (const [name, options] of Object.entries(kinds)) {
    const { id, decoder, decode } = options;
    assert(
      Number.isInteger(id) && id >= FIRST_CUSTOM_KIND && id <= LAST_CUSTOM_KIND,
      `kinds.${name}.id is ${describe(id)}, expected an integer from ${FIRST_CUSTOM_KIND} to ${LAST_CUSTOM_KIND}`,
    );
    assert(
      !known.has(id),
      `kinds.${name}.id is ${id}, which is the id of kinds.${known.get(id)?.name} too`,
    );
    assert(
      decoder === undefined || decode === undefined,
      `kinds.${name} has both decoder and decode; expected one: the worker decodes, or this thread`,
    );
    for (const call of ['decode', 'onReady', 'release'] as const)
      assert(
        options[call] === undefined || typeof options[call] === 'function',
        `kinds.${name}.${call} is ${describe(options[call])}, expected a function`,
      );
    const address = decoder === undefined ? null : addressOf(name, decoder);
    known.set(id, { ...options, name, decoder: address });
  }
  return known;
}

function addressOf(name: string, decoder: string | URL): string {
  const { document } = globalThis as { document?: { baseURI: string } };
  try {
    return new URL(decoder, document?.baseURI).href;
  } catch {
    throw new Error(
      `kinds.${name}.decoder is ${describe(decoder)}, expected the address of a module, ` +
        "e.g. new URL('./decoder.js', import.meta.url)",
    );
  }
}
