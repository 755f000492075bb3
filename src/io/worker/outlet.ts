/**
 * Where the results of a decode worker go out: in one message for all that are ready, or through the
 * ring where there is one and they fit.
 */
import { reasonOf } from '../../base/errors.ts';
import { failResult } from '../codecs/payload.ts';
import { listTransferables } from '../codecs/transfer.ts';
import { isCustom } from '../content.ts';
import type { Port } from './port.ts';
import type { WorkerResult } from './protocol.ts';
import { RingWriter } from './ring.ts';
import { packResult, SlabWriter } from './shared-result.ts';

export interface Outgoing {
  result: WorkerResult;
  label: string;
}

export class ResultOutlet {
  readonly #port: Port;
  readonly #slabs: SlabWriter;
  #ring: RingWriter | null = null;
  #number = 0;

  constructor(port: Port) {
    this.#port = port;
    this.#slabs = new SlabWriter((index, buffer) => port.post({ type: 'slab', index, buffer }));
  }

  useRing(buffer: SharedArrayBuffer): void {
    this.#ring = new RingWriter(buffer);
  }

  /** @param isBroken this worker's memory cannot be trusted any more */
  send(outgoing: readonly Outgoing[], isBroken: boolean): void {
    const rest = this.#ring ? this.#share(this.#ring, outgoing) : outgoing;
    const isPokeDue = this.#ring?.wake() ?? false;
    if (rest.length > 0 || isBroken) this.#post(rest, isBroken);
    else if (isPokeDue) this.#port.post({ type: 'poke' });
  }

  /** Returns those that the ring could not take, numbered, so that they find their place. */
  #share(ring: RingWriter, outgoing: readonly Outgoing[]): Outgoing[] {
    const rest: Outgoing[] = [];
    for (const { result, label } of outgoing) {
      const number = this.#number++;
      const text = packResult(result, this.#slabs);
      if (text === null || !ring.push(number, text))
        rest.push({ result: { ...result, number }, label });
    }
    return rest;
  }

  /** A value of the game's that cannot be sent fails alone, whatever else is in the batch. */
  #post(outgoing: readonly Outgoing[], isBroken: boolean): void {
    const results = outgoing.map(({ result }) => withoutTransfer(result));
    const transfer = outgoing.flatMap(({ result: { content } }) =>
      content ? listTransferables(content) : [],
    );
    try {
      this.#port.post({ type: 'done', results, isBroken }, transfer);
    } catch (error) {
      if (outgoing.length > 1) for (const one of outgoing) this.#post([one], isBroken);
      else for (const one of outgoing) this.#postFailure(one, isBroken, error);
    }
  }

  #postFailure({ result, label }: Outgoing, isBroken: boolean, error: unknown): void {
    const reason = reasonOf(error);
    const failure = failResult(label, `its value cannot leave the worker: ${reason}`);
    this.#port.post({ type: 'done', results: [{ ...result, ...failure }], isBroken });
  }
}

function withoutTransfer(result: WorkerResult): WorkerResult {
  const { content } = result;
  if (!content || !isCustom(content)) return result;
  return { ...result, content: { kind: content.kind, value: content.value } };
}
