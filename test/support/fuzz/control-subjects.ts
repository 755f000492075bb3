/** Readers that do what none may do: they show that the fuzzer would notice. Never part of a run. */
import { MAX_CASE_BYTES } from './fuzz.ts';
import { digest, type FuzzSubject } from './subject.ts';

const SOUND_BYTES = 50;

/** By the name that is asked for. */
export const CONTROLS: Readonly<Record<string, FuzzSubject>> = {
  'control: hangs': control((bytes) => {
    // As a loop does whose step comes from the file and is 0.
    for (let at = 0; at < 10; at += bytes[0] === 1 ? 1 : 0);
    return '';
  }),
  'control: allocates': control((bytes) =>
    digest(new Uint8Array(bytes.length === SOUND_BYTES ? 1 : MAX_CASE_BYTES + 1)),
  ),
};

function control(read: FuzzSubject['read']): FuzzSubject {
  const seeds = [new Uint8Array(SOUND_BYTES).fill(1)];
  return { name: 'control', weight: 1, files: [], seeds, read, isGuarded: false };
}
