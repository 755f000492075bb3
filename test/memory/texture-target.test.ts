import { describe, expect, it } from 'vitest';
import { drain } from '../../src/base/steps.ts';
import { PayloadTable } from '../../src/memory/payloads.ts';

const FACTS = {
  kind: 1,
  pool: 0,
  owner: 0,
  lod: 0,
  encodedBytes: 50,
  geometryBytes: 1000,
  decodeMs: 1,
  checksum: 0,
  file: 0,
  offset: 0,
} as const;

describe('what a payload costs', () => {
  it('follows the device that its textures are made for', () => {
    const table = new PayloadTable();
    drain(table.reserve(2));
    table.append(2);
    table.fill(0, { ...FACTS, imageBytes: 4000, textureBytes: [600, 1300, 700, 5300] });
    table.fill(1, { ...FACTS, imageBytes: 4000, textureBytes: [5300, 5300, 5300, 5300] });
    const costs = (): number[][] => {
      const { residentBytes, reserveBytes } = table.columns;
      return [Array.from(residentBytes), Array.from(reserveBytes)];
    };
    // Without a view: RGBA8. The image lies beside its texture while it is uploaded.
    const plain = [
      [7300, 7300],
      [11_300, 11_300],
    ];
    expect(costs()).toEqual(plain);
    table.setDevice(0, false);
    expect(costs()).toEqual([
      [2600, 7300],
      [3200, 11_300],
    ]);
    expect(table.isSameFor(0, 0, 3)).toBe(false);
    expect(table.isSameFor(1, 0, 3)).toBe(true);
    drain(table.reserve(1));
    table.append(1);
    table.fill(2, { ...FACTS, imageBytes: 0, textureBytes: [0, 0, 0, 0] });
    table.setDevice(3, false);
    expect(costs().map((column) => column.slice(0, 2))).toEqual(plain);
  });

  it('never reserves less than a value of the game takes while it is decoded', () => {
    const table = new PayloadTable();
    drain(table.reserve(1));
    table.append(1);
    table.setDevice(0, false);
    const facts = { ...FACTS, geometryBytes: 0, imageBytes: 9000 };
    table.fill(0, { ...facts, textureBytes: [100, 100, 100, 100] });
    expect(table.columns.reserveBytes[0]).toBe(9100);
  });
});
