/** Content of kinds of the game's own: the frame around it, and decoder modules good and bad. */
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import type { CustomContent } from '../../../src/io/content.ts';
import type { Bytes } from '../../../src/io/source.ts';
import { createInlineDecoder } from '../../../src/io/worker/inline-decoder.ts';
import { frame } from '../encode-mesh.ts';
import { digest, type FuzzSubject } from './subject.ts';

const moduleOf = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;

/** Answers by its first byte: it throws, says what is no value, or doubles what it was given. */
const MOODY = moduleOf(`export default function decode(bytes) {
  if (bytes[0] > 200) throw new Error('the first byte is ' + bytes[0]);
  if (bytes[0] > 150) return bytes[0] % 2 ? null : bytes[0];
  if (bytes[0] > 100) return { value: bytes, transfer: bytes.buffer };
  const twice = new Uint8Array(bytes.length * 2);
  twice.set(bytes);
  twice.set(bytes, bytes.length);
  return { value: twice, transfer: [twice.buffer, twice.buffer] };
}`);

const KINDS = {
  plain: { id: 16 },
  moody: { id: 17, decoder: MOODY },
  empty: { id: 18, decoder: moduleOf('export const decode = 1;') },
  unreadable: { id: 19, decoder: moduleOf('export default (') },
};

/** The kind stands in the catalog: where that is damaged, content meets any decoder, or none. */
const WRONG_KINDS = [17, 17, 17, 18, 19, 20] as const;

export function customSubject(): FuzzSubject {
  const decoder = createInlineDecoder({ kinds: KINDS });
  const contents = [0, 30, 90, 110, 160].map((first) =>
    Uint8Array.from({ length: 40 + first }, (_, i) => first + ((i + first) & 7)),
  );
  const checksums = contents.map((content) => frame(content).checksum);
  const decode = async (
    bytes: Bytes,
    checksum: number,
    kind: number,
    decodedBytes: number,
  ): Promise<string> => {
    const job = { payload: 0, kind, bytes, checksum, decodedBytes, priority: 0, label: 'fuzz' };
    const result = await decoder.decode(job);
    if (result.code !== ErrorCode.None) throw new StreamError(result.code, result.message);
    return digest((result.content as CustomContent).value as Uint8Array);
  };
  return {
    name: 'custom payload',
    weight: 2,
    files: ['src/io/codecs/custom.ts', 'src/io/codecs/payload.ts'],
    seeds: contents,
    // What guards it stands in the catalog, not in the bytes: `read` recomputes it.
    repair: (mutant) => mutant,
    read(mutant, which, isRepaired) {
      const { bytes, checksum } = frame(mutant);
      const { length } = contents[which]!;
      if (!isRepaired) return decode(bytes, checksums[which]!, 16, length);
      const kind = WRONG_KINDS[(mutant[1] ?? 0) % WRONG_KINDS.length]!;
      return decode(bytes, checksum, kind, length);
    },
    isGuarded: true,
  };
}
