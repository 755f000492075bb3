import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/base/random.ts';
import type { PrimitiveHeader } from '../../../src/io/bundle/mesh-header.ts';
import { decodeGrid, encodeGrid, type HeightGridTile } from '../../../src/io/codecs/grid.ts';
import {
  gridIndexCount,
  gridStreamBytes,
  gridTopology,
  gridVertexCount,
} from '../../../src/io/codecs/grid-topology.ts';
import { readMeshHead } from '../../../src/io/codecs/mesh-head.ts';
import { PLAIN_MATERIAL, writeContent } from '../../support/encode-mesh.ts';

/** Hills with the normals they have; `roughness` 1 makes every value a matter of chance. */
function makeTile(cells: number, seed: number, roughness: number): HeightGridTile {
  const random = createRandom(seed);
  const side = cells + 1;
  const any = (range: number): number => Math.round((random() - 0.5) * range);
  const heights = new Int16Array(side * side);
  const [normalsX, normalsZ] = [new Int8Array(side * side), new Int8Array(side * side)];
  for (let i = 0; i < heights.length; i++) {
    const hills = 900 * Math.sin((i % side) / 7) * Math.cos(Math.floor(i / side) / 9);
    heights[i] = hills * (1 - roughness) + any(65_535) * roughness;
    normalsX[i] = any(254 * roughness);
    normalsZ[i] = any(254 * roughness);
  }
  const axis = (start: number): Int16Array =>
    Int16Array.from({ length: side }, (_, i) => start + i * 200);
  const uvs = seed % 2 ? Uint16Array.from({ length: side }, (_, i) => (i / cells) * 65_535) : null;
  return { cells, columns: axis(-12_800), rows: axis(-9000), uvs, heights, normalsX, normalsZ };
}

function headerOf(tile: HeightGridTile, bytes: number): PrimitiveHeader {
  const { cells, uvs } = tile;
  return {
    material: 0,
    vertexCount: gridVertexCount(cells),
    indexCount: gridIndexCount(cells),
    indexType: 'u16',
    sphere: [0, 0, 0, 1],
    attributes: [
      { name: 'position', type: 'i16', itemSize: 4, normalized: false },
      { name: 'normal', type: 'i8', itemSize: 4, normalized: true },
      ...(uvs ? [{ name: 'uv', type: 'u16', itemSize: 2, normalized: true } as const] : []),
    ],
    grid: { cells, drop: 40, offset: 0, bytes },
  };
}

describe('a height grid', () => {
  it('comes back to the last bit, smooth or not, with a skirt that hangs from its border', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 7, 16, 64),
        fc.nat(1000),
        fc.constantFrom(0, 0.01, 1),
        (cells, seed, roughness) => {
          const tile = makeTile(cells, seed, roughness);
          const stream = encodeGrid(tile);
          expect(stream.length).toBe(gridStreamBytes(cells, tile.uvs !== null));
          const { attributes, index } = decodeGrid(headerOf(tile, stream.length), stream);
          const [position, normal, uv] = attributes.map(({ array }) => array);
          const side = cells + 1;
          for (let i = 0; i < side * side; i++) {
            const [column, row] = [i % side, Math.floor(i / side)];
            expect([...position!.subarray(i * 4, i * 4 + 4)]).toEqual([
              tile.columns[column],
              tile.heights[i],
              tile.rows[row],
              0,
            ]);
            expect(normal![i * 4]).toBe(tile.normalsX[i]);
            expect(normal![i * 4 + 2]).toBe(tile.normalsZ[i]);
            if (tile.uvs)
              expect([...uv!.subarray(i * 2, i * 2 + 2)]).toEqual([
                tile.uvs[column],
                tile.uvs[row],
              ]);
          }
          gridTopology(cells).border.forEach((above, i) => {
            const at = (side * side + i) * 4;
            const below = Math.max(-32_768, position![above * 4 + 1]! - 40);
            expect([...position!.subarray(at, at + 3)]).toEqual([
              position![above * 4],
              below,
              position![above * 4 + 2],
            ]);
            expect(normal![at]).toBe(normal![above * 4]);
          });
          expect(index.length).toBe(gridIndexCount(cells));
          expect(Math.max(...index)).toBe(gridVertexCount(cells) - 1);
        },
      ),
      { seed: 3, numRuns: 40 },
    );
  });

  it('has normals of length 1 where they can be', () => {
    const tile = makeTile(8, 2, 0);
    const stream = encodeGrid(tile);
    const normal = decodeGrid(headerOf(tile, stream.length), stream).attributes[1]!.array;
    for (let i = 0; i < normal.length; i += 4)
      expect(Math.abs(Math.hypot(normal[i]!, normal[i + 1]!, normal[i + 2]!) - 127)).toBeLessThan(
        1,
      );
  });

  it('covers its square once, all triangles facing up, and its skirt outwards', () => {
    const cells = 5;
    const { index } = gridTopology(cells);
    const side = cells + 1;
    let area = 0;
    for (let i = 0; i < cells * cells * 6; i += 3) {
      const [a, b, c] = [index[i]!, index[i + 1]!, index[i + 2]!].map((v) => [
        v % side,
        Math.floor(v / side),
      ]) as [number[], number[], number[]];
      // y of the cross product: z × x.
      const up = (b[1]! - a[1]!) * (c[0]! - a[0]!) - (b[0]! - a[0]!) * (c[1]! - a[1]!);
      expect(up).toBe(1);
      area += up / 2;
    }
    expect(area).toBe(cells * cells);
  });

  it('is a fraction of its arrays once packed, and noise is not', () => {
    const ratio = (roughness: number): number => {
      const stream = encodeGrid(makeTile(64, 2, roughness));
      return deflateRawSync(stream).length / (gridVertexCount(64) * 12);
    };
    expect(ratio(0)).toBeLessThan(0.15);
    expect(ratio(1)).toBeGreaterThan(0.3);
  });

  const edits: [string, (primitive: PrimitiveHeader) => void, RegExp][] = [
    ['no cells', ({ grid }) => void Object.assign(grid!, { cells: 0 }), /cells is 0/],
    [
      'a million cells',
      ({ grid }) => void Object.assign(grid!, { cells: 1e6 }),
      /cells is 1000000/,
    ],
    [
      'other cells than its stream',
      ({ grid }) => void Object.assign(grid!, { cells: 5 }),
      /expected 56, /,
    ],
    ['a vertex too many', (p) => void p.vertexCount++, /expected 41, /],
    ['a shorter stream', ({ grid }) => void grid!.bytes--, /expected 41, /],
    ['no normals', (p) => void p.attributes.splice(1, 1), /expected position i16 x 4, normal/],
    ['no stream', (p) => void delete p.grid, /grid/],
  ];
  it.each(edits)('with %s is refused before anything is made', (_, edit, message) => {
    const tile = makeTile(4, 2, 0);
    const stream = encodeGrid(tile);
    const write = (change: (primitive: PrimitiveHeader) => void) => {
      const primitive = structuredClone(headerOf(tile, stream.length));
      change(primitive);
      const shared = { scale: 1, offset: [0, 0, 0], materials: [PLAIN_MATERIAL], images: [] };
      return writeContent({ codec: 'grid', ...shared, primitives: [primitive] }, [
        stream,
        new Uint8Array(64),
      ]);
    };
    expect(readMeshHead(write(() => undefined)).geometryBytes).toBe(
      gridVertexCount(4) * 12 + gridIndexCount(4) * 2,
    );
    expect(() => readMeshHead(write(edit))).toThrow(message);
  });
});
