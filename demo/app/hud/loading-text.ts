/** What a loading screen says, in words: for eyes, and for a screen reader. */
import type { LoadingStatus } from '../../../src/index.ts';
import { formatBytes } from './element.ts';

/** A screen reader is told no more often than this while nothing but figures changes (ms). */
const ANNOUNCE_EVERY_MS = 5000;

export function percentOf({ progress }: LoadingStatus): number {
  return Math.floor(progress * 100);
}

/** `about 12 seconds left`, or '' while nobody can tell. */
export function timeLeft(secondsLeft: number): string {
  if (secondsLeft < 0) return '';
  if (secondsLeft < 1.5) return 'a moment left';
  if (secondsLeft < 90) return `about ${Math.round(secondsLeft)} seconds left`;
  return `about ${Math.round(secondsLeft / 60)} minutes left`;
}

/** What stands below the bar. */
export function noteOf(status: LoadingStatus): string {
  const { bytesLoaded, bytesTotal, secondsLeft, state } = status;
  if (state === 'failed') return 'Something that is needed did not come.';
  if (bytesTotal === 0) return 'Finding out what is there …';
  const bytes = `${formatBytes(bytesTotal - bytesLoaded)} to come`;
  const late = state === 'timedOut' ? 'this takes longer than it should' : '';
  return [`${percentOf(status)} %`, bytes, timeLeft(secondsLeft), late].filter(Boolean).join(' · ');
}

/** The bar in words. */
export function valueTextOf(status: LoadingStatus): string {
  return [`${percentOf(status)} percent`, timeLeft(status.secondsLeft)].filter(Boolean).join(', ');
}

/** Decides what is said aloud: each change of state at once, progress now and then. */
export class Announcer {
  #state = '';
  #saidMs = Number.NEGATIVE_INFINITY;

  /** The next sentence, or null where there is nothing to say. `status` null: no screen is shown. */
  next(status: LoadingStatus | null, nowMs: number): string | null {
    const state = status ? `${status.entity} ${status.state} ${status.errors.length}` : '';
    const isSame = state === this.#state;
    if (isSame && (!status || nowMs - this.#saidMs < ANNOUNCE_EVERY_MS)) return null;
    const wasReady = this.#state.includes(' ready ');
    this.#state = state;
    this.#saidMs = nowMs;
    // One that was given up has nothing to say.
    if (!status) return wasReady ? 'Loaded.' : '';
    return sentenceOf(status);
  }
}

function sentenceOf(status: LoadingStatus): string {
  const { title, state, errors } = status;
  if (state === 'ready') return `${title} is ready.`;
  const failed = errors.map(({ message }) => message).join('. ');
  if (state === 'failed') return `Loading ${title} failed. ${failed}`;
  return `Loading ${title}: ${valueTextOf(status)}.${failed === '' ? '' : ` ${failed}`}`;
}
