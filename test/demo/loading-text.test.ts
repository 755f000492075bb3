/** What the demo's loading screen says: in figures, and aloud no more often than somebody can listen. */
import { describe, expect, test } from 'vitest';
import { Announcer, noteOf, timeLeft, valueTextOf } from '../../demo/app/hud/loading-text.ts';
import type { LoadingStatus } from '../../src/index.ts';

const status = (changes: Partial<LoadingStatus> = {}): LoadingStatus => ({
  entity: 3,
  title: 'Harbor',
  description: '',
  tip: '',
  state: 'waiting',
  progress: 0.429,
  bytesLoaded: 12 * 1024 * 1024,
  bytesTotal: 30 * 1024 * 1024,
  secondsLeft: 7.4,
  seconds: 2,
  errors: [],
  ...changes,
});

const failure = { kind: 'level', name: 'harbor', message: 'no room', blocks: true } as const;

describe('a loading screen says', () => {
  test('how far it is and for how long still', () => {
    expect(noteOf(status())).toBe('42 % · 18 MiB to come · about 7 seconds left');
    expect(valueTextOf(status())).toBe('42 percent, about 7 seconds left');
    expect([-1, 0.4, 200].map(timeLeft)).toEqual(['', 'a moment left', 'about 3 minutes left']);
  });

  test('that it does not know, that it failed, that it is late', () => {
    const unknown = status({ bytesTotal: 0, secondsLeft: -1 });
    expect(noteOf(unknown)).toBe('Finding out what is there …');
    expect(noteOf(status({ state: 'failed' }))).toBe('Something that is needed did not come.');
    expect(noteOf(status({ state: 'timedOut' }))).toContain('this takes longer than it should');
  });
});

test('aloud it says changes of state at once, and progress every five seconds', () => {
  const announcer = new Announcer();
  expect(announcer.next(null, 0)).toBeNull();
  expect(announcer.next(status(), 10)).toBe('Loading Harbor: 42 percent, about 7 seconds left.');
  for (let ms = 20; ms < 5000; ms += 20)
    expect(announcer.next(status({ progress: ms / 5000 }), ms)).toBeNull();
  expect(announcer.next(status({ progress: 0.8 }), 5020)).toContain('80 percent');
  expect(announcer.next(status({ state: 'failed', errors: [failure] }), 5030)).toBe(
    'Loading Harbor failed. no room',
  );
  expect(announcer.next(status({ state: 'ready' }), 5040)).toBe('Harbor is ready.');
  expect(announcer.next(null, 5050)).toBe('Loaded.');
  expect(announcer.next(null, 99_000)).toBeNull();
});
