/** Measures in Chromium what `blocks.ts` serves: one file per sample, payloads end to end. */
import type { Bytes } from '../../src/io/source.ts';
import { measureUndo } from './measure.ts';

/** Takes apart what `joinPayloads` joined. */
function splitPayloads(bytes: Bytes): Bytes[] {
  const payloads: Bytes[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true);
    payloads.push(bytes.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return payloads;
}

async function measureFile(file: string): Promise<number> {
  const response = await fetch(`/samples/${file}`);
  const payloads = splitPayloads(new Uint8Array(await response.arrayBuffer()));
  return measureUndo(payloads, () => performance.now());
}

Object.assign(globalThis, { measureFile });
