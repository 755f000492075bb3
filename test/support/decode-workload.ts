/**
 * A seeded mix of payloads for decoders: every codec, small and large, damaged ones.
 */
import { crc32 } from '../../src/base/crc32.ts';
import { createRandom } from '../../src/base/random.ts';
import type { DecodeJob } from '../../src/io/decoder.ts';
import { encodeMesh, frame, makeGrid, writeContent } from './encode-mesh.ts';

export type PlainJob = Omit<DecodeJob, 'bytes'> & { bytes: Uint8Array<ArrayBuffer> };

export async function makeDecodeWorkload(count: number, seed: number): Promise<PlainJob[]> {
  const random = createRandom(seed);
  const jobs: PlainJob[] = [];
  for (let payload = 0; payload < count; payload++) {
    const codec = (['raw', 'meshopt', 'draco'] as const)[Math.floor(random() * 3)]!;
    // One in sixteen is larger than what is shared.
    const side = random() < 1 / 16 ? 160 : 3 + Math.floor(random() * 30);
    const encoded = await encodeMesh(makeGrid(side), { codec });
    const bytes = encoded.bytes.slice();
    let { checksum } = encoded;
    const fate = random();
    if (fate < 0.05) bytes[Math.floor(random() * bytes.length)]! ^= 16;
    else if (fate < 0.1) {
      // The checksum is right, the content is not.
      const broken = frame(writeContent({ ...encoded.header, primitives: [] }, []));
      bytes.fill(0xee, bytes.length >> 1);
      checksum = random() < 0.5 ? crc32(bytes) : broken.checksum;
    }
    jobs.push({
      payload,
      kind: 1,
      bytes,
      checksum,
      decodedBytes: encoded.decodedBytes,
      priority: Math.floor(random() * 50),
      label: `payload ${payload}`,
    });
  }
  return jobs;
}
