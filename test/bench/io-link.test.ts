/** The link that the io benchmark's server puts in front of every answer, and the log it keeps. */
import { describe, expect, test } from 'vitest';
import { deliveryRate, type LoggedRequest, mostOpen, openAt } from '../../bench/io/request-log.ts';
import { createSharedLink, type Flow } from '../../bench/io/shared-link.ts';
import { createManualClock } from '../../src/base/clock.ts';

const PACKET_BYTES = 1460;

interface Answer extends Flow {
  sentBytes: number;
}

function createAnswer(bytes: number, isBlocked = () => false): Answer {
  return {
    remainingBytes: bytes,
    sentBytes: 0,
    isBlocked,
    send(count) {
      this.sentBytes += count;
    },
  };
}

describe('the shared link', () => {
  test('never sends more than its rate, however many answers there are, and shares it evenly', () => {
    const clock = createManualClock();
    const link = createSharedLink(clock);
    link.bytesPerSecond = 1_000_000;
    const answers = [1, 2, 3].map(() => createAnswer(10_000_000));
    for (const answer of answers) link.add(answer);
    for (let ms = 1; ms <= 1000; ms++) {
      clock.advance(1);
      const sent = answers.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
      expect(sent).toBeLessThanOrEqual(ms * 1000);
      expect(sent).toBeGreaterThan(ms * 1000 - PACKET_BYTES - 1);
    }
    const shares = answers.map(({ sentBytes }) => sentBytes);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(PACKET_BYTES);
  });

  test('saves nothing up while it is idle or while everybody reads too slowly', () => {
    const clock = createManualClock();
    const link = createSharedLink(clock);
    link.bytesPerSecond = 1_000_000;
    clock.advance(5000);
    const first = createAnswer(5000);
    link.add(first);
    expect(first.sentBytes).toBe(0);
    clock.advance(2);
    expect(first.sentBytes).toBeLessThanOrEqual(2000);
    clock.advance(10);
    expect([first.sentBytes, first.remainingBytes]).toEqual([5000, 0]);
    let isSlow = true;
    const slow = createAnswer(1_000_000, () => isSlow);
    link.add(slow);
    clock.advance(1000);
    expect(slow.sentBytes).toBe(0);
    isSlow = false;
    clock.advance(1);
    expect(slow.sentBytes).toBeLessThanOrEqual(1000 + PACKET_BYTES);
  });

  test('sends at once where there is no limit, and nothing to an answer that was taken away', () => {
    const clock = createManualClock();
    const link = createSharedLink(clock);
    const [kept, removed] = [createAnswer(3_000_000), createAnswer(3_000_000)];
    link.add(kept);
    link.add(removed);
    link.remove(removed);
    clock.advance(1);
    expect([kept.sentBytes, removed.sentBytes]).toEqual([3_000_000, 0]);
  });
});

function request(fields: Partial<LoggedRequest>): LoggedRequest {
  return {
    ...{ run: 'a', file: 'pack', start: 0, end: 1000, connection: 1, receivedMs: 0 },
    ...{ firstByteMs: 0, lastByteMs: 0, bytes: 1000, firstBytes: 0, isAborted: false, ...fields },
  };
}

describe('the log', () => {
  test('tells the rate between the first bytes and the last', () => {
    const flood = request({ firstByteMs: 40, lastByteMs: 540, bytes: 501_000, firstBytes: 1000 });
    expect(deliveryRate(flood)).toBe(1_000_000);
    const problem = /do not tell how fast the link is/;
    expect(() => deliveryRate({ ...flood, lastByteMs: 40 })).toThrow(problem);
    expect(() => deliveryRate({ ...flood, isAborted: true })).toThrow(problem);
  });

  test('tells what was open at a time', () => {
    const log = [
      request({ receivedMs: 0, lastByteMs: 100 }),
      request({ receivedMs: 50, lastByteMs: 80 }),
      request({ receivedMs: 80, lastByteMs: 200 }),
    ];
    expect([0, 60, 80, 150, 200].map((ms) => openAt(log, ms).length)).toEqual([1, 2, 2, 1, 0]);
    expect(mostOpen(log)).toBe(2);
  });
});
