/**
 * The receipt of a load: every payload checked by its checksum and counted once. No system is
 * believed when it says that it is done; it is done when the receipt is complete.
 */
import { crc32 } from '../../../src/base/crc32.ts';
import type { PayloadRef } from './payload-ref.ts';

export interface Receipt {
  /** Payload `index` of the list has come. Its bytes are checked. */
  accept(index: number, bytes: Uint8Array): void;
  /** Payload `index` of the list has come and a decoder has checked it. */
  acceptDecoded(index: number): void;
  /** Milliseconds from the receipt's making to each payload; -1 where it did not come. */
  readonly arrivalsMs: number[];
  /** Resolves when every payload has come. */
  readonly complete: Promise<void>;
  /** What came damaged, twice or in the wrong size. */
  readonly problems: string[];
}

export function createReceipt(payloads: readonly PayloadRef[]): Receipt {
  const startMs = performance.now();
  const arrivalsMs = payloads.map(() => -1);
  const problems: string[] = [];
  let openCount = payloads.length;
  let finish = (): void => undefined;
  const complete = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const acceptDecoded = (index: number): void => {
    if (arrivalsMs[index] !== -1) {
      problems.push(`payload ${payloads[index]?.payload} came twice`);
      return;
    }
    arrivalsMs[index] = performance.now() - startMs;
    openCount--;
    if (openCount === 0) finish();
  };
  return {
    arrivalsMs,
    problems,
    complete,
    acceptDecoded,
    accept(index, bytes) {
      const { payload, start, end, checksum } = payloads[index]!;
      if (bytes.length !== end - start)
        problems.push(`payload ${payload} has ${bytes.length} bytes, expected ${end - start}`);
      else if (crc32(bytes) !== checksum) problems.push(`payload ${payload} is damaged`);
      acceptDecoded(index);
    },
  };
}
