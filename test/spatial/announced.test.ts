/** Announced poses and paths: what is planned for when, how much it counts, and when it is over. */
import { describe, expect, it } from 'vitest';
import {
  ANNOUNCED_STRIDE,
  type Announcement,
  addAnnouncement,
  createAnnouncedPoses,
  MAX_ANNOUNCED_POSES,
  MAX_ANNOUNCEMENTS,
  sampleAnnouncements,
} from '../../src/spatial/announced.ts';

interface Point {
  atMs: number;
  x: number;
  direction?: [number, number, number];
  cut?: boolean;
}

function announcement(points: Point[], weight = 1): Announcement {
  return {
    timesMs: Float64Array.from(points, ({ atMs }) => atMs),
    values: Float64Array.from(
      points.flatMap(({ x, direction = [0, 0, -1] }) => [x, 0, 0, ...direction, 0, weight]),
    ),
    cuts: Uint8Array.from(points, ({ cut }) => (cut ? 1 : 0)),
  };
}

function sample(list: Announcement[], nowMs: number) {
  const out = createAnnouncedPoses();
  sampleAnnouncements(list, nowMs, out);
  return Array.from({ length: out.count }, (_, i) => {
    const row = out.values.subarray(i * ANNOUNCED_STRIDE, (i + 1) * ANNOUNCED_STRIDE);
    return {
      dueMs: out.dueMs[i]!,
      x: row[0]!,
      direction: [...row.subarray(3, 6)],
      weight: row[7]!,
    };
  });
}

describe('a single pose', () => {
  const at = (atMs: number) => [announcement([{ atMs, x: 7 }])];

  it('counts the more the sooner it is due', () => {
    const weights = [0, 1000, 3000, 10_000].map((due) => sample(at(due), 0)[0]!.weight);
    expect(weights[0]).toBe(1);
    for (let i = 1; i < weights.length; i++) expect(weights[i]).toBeLessThan(weights[i - 1]!);
    expect(weights[3]).toBeLessThan(weights[1]! / 3);
  });

  it('fades when it is past, and is forgotten', () => {
    const list = at(1000);
    expect(sample(list, 1500)[0]!.weight).toBeLessThan(sample(list, 1000)[0]!.weight);
    expect(sample(list, 3000)).toHaveLength(1);
    expect(sample(list, 3001)).toHaveLength(0);
    expect(list).toHaveLength(0);
  });
});

describe('a path', () => {
  /** 10 m/s along x from 2 s on. */
  const ride = () => [announcement([2, 7, 12].map((s) => ({ atMs: s * 1000, x: (s - 2) * 10 })))];

  it('is its first pose while it is far off', () => {
    const list = [announcement([20, 30].map((s) => ({ atMs: s * 1000, x: s })))];
    expect(sample(list, 0)).toEqual([
      { dueMs: 20_000, x: 20, direction: [0, 0, -1], weight: expect.any(Number) },
    ]);
  });

  it('is sampled over the next three seconds, moving along', () => {
    const moving = sample(ride(), 5000);
    expect(moving.map(({ dueMs }) => dueMs)).toEqual([400, 900, 1600, 3000]);
    expect(moving.map(({ x }) => x)).toEqual([34, 39, 46, 60].map((x) => expect.closeTo(x, 9)));
    for (let i = 1; i < 4; i++) expect(moving[i]!.weight).toBeLessThan(moving[i - 1]!.weight);
  });

  it('runs out at its end and is forgotten', () => {
    const list = ride();
    expect(sample(list, 11_500).map(({ x }) => x)).toEqual([99, 100]);
    expect(sample(list, 12_500).map(({ x }) => x)).toEqual([100]);
    expect(sample(list, 14_001)).toEqual([]);
    expect(list).toHaveLength(0);
  });

  it('turns on its way', () => {
    const list = [
      announcement([
        { atMs: 0, x: 0, direction: [0, 0, -1] },
        { atMs: 1800, x: 0, direction: [-1, 0, 0] },
      ]),
    ];
    const [, middle] = sample(list, 0);
    expect(Math.hypot(...middle!.direction)).toBeCloseTo(1, 12);
    expect(middle!.direction[0]).toBeCloseTo(middle!.direction[2]!, 9);
  });

  it('holds still until a cut, and samples the cut itself', () => {
    const list = [
      announcement([
        { atMs: 0, x: 0 },
        { atMs: 850, x: 500, cut: true },
        { atMs: 880, x: 501 },
        { atMs: 9000, x: 580 },
      ]),
    ];
    const shots = sample(list, 0);
    expect(shots.map(({ dueMs }) => dueMs)).toEqual([400, 850, 1600, 3000]);
    expect(shots[0]!.x).toBe(0);
    expect(shots[1]!.x).toBe(500);
    expect(shots[2]!.x).toBeGreaterThan(501);
  });
});

describe('many', () => {
  it('are planned for in the order in which they are due, as many as there is room for', () => {
    const list = Array.from({ length: 20 }, (_, i) =>
      announcement([{ atMs: ((i * 7) % 20) * 1000 + 500, x: 0 }]),
    );
    const due = sample(list, 0).map(({ dueMs }) => dueMs);
    expect(due).toEqual(Array.from({ length: MAX_ANNOUNCED_POSES }, (_, i) => i * 1000 + 500));
  });

  it('beyond the limit, the one due last is dropped, be it old or new', () => {
    const list: Announcement[] = [];
    for (let i = 0; i < MAX_ANNOUNCEMENTS; i++)
      expect(addAnnouncement(list, announcement([{ atMs: (i + 1) * 1000, x: i }]))).toBe(true);
    expect(addAnnouncement(list, announcement([{ atMs: 1, x: -1 }]))).toBe(false);
    expect(list).toHaveLength(MAX_ANNOUNCEMENTS);
    expect(list.at(-1)!.values[0]).toBe(-1);
    expect(addAnnouncement(list, announcement([{ atMs: 1e9, x: -2 }]))).toBe(false);
    expect(list.some(({ values }) => values[0] === -2)).toBe(false);
  });
});
