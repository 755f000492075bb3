/** Parts of the demo that need no browser: the address, the course, the report of a flight. */
import { Vector3 } from 'three';
import { describe, expect, test } from 'vitest';
import { Course } from '../../demo/app/flight/course.ts';
import { Forecast } from '../../demo/app/hud/forecast.ts';
import { lodOfLabel } from '../../demo/app/scene/sunlight.ts';
import { parseSettings } from '../../demo/app/settings.ts';
import type { Triple } from '../../demo/app/world-file.ts';
import { judge, type SmokeReport } from '../../demo/tools/smoke.ts';

describe('the address', () => {
  test('says nothing: the island, driven by animation frames, at the world’s own budget', () => {
    expect(parseSettings('')).toMatchObject({
      world: 'island',
      isStepped: false,
      size: null,
      budgetBytes: null,
      antialias: true,
      hud: true,
      isCached: false,
    });
  });

  test('fixes what a stepped run needs', () => {
    const settings = parseSettings('?stepped=1&world=data&size=320x180&budget=1.5&hud=0&speed=90');
    expect(settings).toMatchObject({
      world: 'data',
      isStepped: true,
      size: { width: 320, height: 180 },
      budgetBytes: 1.5 * 1024 * 1024,
      antialias: false,
      hud: false,
      metersPerSecond: 90,
    });
  });

  test.each([
    ['budget=none', /\?budget=none: expected a number above 0/],
    ['budget=', /\?budget=: expected/],
    ['error=-1', /\?error=-1: expected/],
    ['size=320', /\?size=320: expected WIDTHxHEIGHT/],
    ['hud=yes', /\?hud=yes: expected 0 or 1/],
  ])('refuses ?%s', (query, message) => {
    expect(() => parseSettings(query)).toThrow(message);
  });
});

describe('a course', () => {
  const points: Triple[] = [
    [0, 10, 0],
    [100, 10, 0],
    [100, 10, 100],
    [0, 10, 100],
  ];
  const at = (course: Course, meters: number): Vector3 => {
    const position = new Vector3();
    course.at(meters, position, new Vector3());
    return position;
  };

  test('is closed, and the same way is the same time everywhere', () => {
    const course = new Course(points);
    const length = course.lengthMeters;
    expect(length).toBeGreaterThan(380);
    expect(length).toBeLessThan(480);
    expect(at(course, 0).distanceTo(at(course, length))).toBeLessThan(0.01);
    const steps = Array.from({ length: 40 }, (_, i) =>
      at(course, (i / 40) * length).distanceTo(at(course, ((i + 1) / 40) * length)),
    );
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.15);
  });

  test('is joined at its nearest point', () => {
    const course = new Course(points);
    const meters = course.nearest(new Vector3(110, 10, 50));
    expect(at(course, meters).distanceTo(new Vector3(110, 10, 50))).toBeLessThan(15);
  });
});

test('the forecast follows a straight flight', () => {
  const forecast = new Forecast();
  const position = new Vector3();
  for (let frame = 0; frame < 120; frame++) {
    position.x = frame;
    forecast.observe(position, 1 / 60);
  }
  const [, , last] = forecast.poses(position);
  expect(last!.x - position.x).toBeCloseTo(60 * 1.6, 0);
  expect(last!.z).toBeCloseTo(0, 3);
});

test('the LOD is read from a label', () => {
  expect(lodOfLabel('oak-1 LOD 3')).toBe(3);
  expect(lodOfLabel('terrain tile 17')).toBeNull();
});

describe('the report of a flight', () => {
  const good: SmokeReport = {
    world: 'island',
    frames: 300,
    placements: 1,
    entitiesPeak: 1,
    residentBytesPeak: 90,
    budgetBytes: 100,
    worldBytes: 800,
    overBudgetFrames: 0,
    payloadsLoaded: 5,
    payloadsEvicted: 2,
    payloadsFailed: 0,
    cancelled: 1,
    bytesFetched: 1,
    externalRequests: 0,
    consoleErrors: 0,
    holesFrames: 0,
    settledDiffPixels: 0,
    controlDiffPixels: 9,
    errorBiasPeak: 1,
    firstViewFrames: 1,
    seconds: 1,
  };

  test('is good when every promise is kept', () => expect(judge(good)).toEqual([]));

  test.each([
    ['overBudgetFrames', 1],
    ['payloadsFailed', 1],
    ['externalRequests', 1],
    ['consoleErrors', 1],
    ['holesFrames', 1],
    ['settledDiffPixels', 1],
    ['payloadsEvicted', 0],
    ['controlDiffPixels', 0],
    ['budgetBytes', 101],
    ['residentBytesPeak', 101],
  ] as const)('names %s when it is %i', (name, value) => {
    const [problem, ...more] = judge({ ...good, [name]: value });
    expect(problem).toContain(name);
    expect(more).toEqual([]);
  });
});
