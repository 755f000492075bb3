/** The tools behind the demo: towns, single placements, the cache of worlds. */
import { describe, expect, test } from 'vitest';
import { takeOut } from '../../demo/tools/worlds/placement-rows.ts';
import { readTowns, toUtm } from '../../demo/tools/worlds/towns.ts';

/** One message: name, country, population, differences of longitude and latitude. */
function town(name: string, population: number, dx: number, dy: number): number[] {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
  const zigzag = (value: number): number[] => varint(value < 0 ? -value * 2 - 1 : value * 2);
  const text = (field: number, value: string): number[] => {
    const bytes = [...new TextEncoder().encode(value)];
    return [field * 8 + 2, ...varint(bytes.length), ...bytes];
  };
  const body = [
    ...[8, 7],
    ...text(2, name),
    ...text(3, 'NO'),
    ...[9 * 8, ...varint(population)],
    ...[10 * 8, ...zigzag(dx)],
    ...[11 * 8, ...zigzag(dy)],
  ];
  return [...varint(body.length), ...body];
}

describe('towns', () => {
  const bytes = Uint8Array.from([
    ...town('Å', 1200, 1_000_000, 6_000_000),
    ...town('Vågå', 90_000, -25_000, 100),
  ]);

  test('are read, each coordinate from the one before', () => {
    const [first, second] = readTowns(bytes);
    expect(first).toMatchObject({ name: 'Å', country: 'NO', population: 1200 });
    expect(first!.longitude).toBeCloseTo(10, 9);
    expect(second).toMatchObject({ name: 'Vågå', population: 90_000 });
    expect(second!.longitude).toBeCloseTo(9.75, 9);
    expect(second!.latitude).toBeCloseTo(60.001, 9);
  });

  test('cut short are refused', () => {
    expect(() => readTowns(bytes.subarray(0, bytes.length - 2))).toThrow(
      /ends within|ends at byte/,
    );
  });
});

describe('UTM', () => {
  test('is 500 km east on the meridian of its zone', () => {
    const { east, north } = toUtm(-117, 0, 11);
    expect(east).toBeCloseTo(500_000, 3);
    expect(north).toBeCloseTo(0, 3);
  });

  // Corners of the height field as its GeoTIFF gives them, against their geographic coordinates:
  // the length of a meridian degree at 34° is 110.92 km, times the scale 0.9996 on the meridian.
  test('has the meridian’s length', () => {
    const degree = toUtm(-117, 34.5, 11).north - toUtm(-117, 33.5, 11).north;
    expect(degree / 0.9996).toBeGreaterThan(110_910);
    expect(degree / 0.9996).toBeLessThan(110_930);
  });
});

test('single placements are taken out, and the rest stays in order', () => {
  const table = {
    assetNames: ['tree', 'lighthouse'],
    assets: Uint32Array.of(0, 1, 0),
    positions: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
    rotations: Float32Array.of(0, 0, 0, 1, 0, Math.SQRT1_2, 0, Math.SQRT1_2, 0, 0, 0, 1),
    scales: Float32Array.of(1, 2, 3),
    levels: Int16Array.of(0, -1, 1),
  };
  const taken = takeOut(table, 'lighthouse');
  expect(taken.rows).toHaveLength(1);
  expect(taken.rows[0]).toMatchObject({ position: [4, 5, 6], scale: 2 });
  expect(taken.rows[0]!.yawRadians).toBeCloseTo(Math.PI / 2, 6);
  expect([...taken.table.positions]).toEqual([1, 2, 3, 7, 8, 9]);
  expect([...taken.table.levels!]).toEqual([0, 1]);
  expect([...table.assets]).toEqual([0, 1, 0]);
  expect(takeOut(table, 'castle')).toEqual({ table, rows: [] });
});
