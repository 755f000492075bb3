/**
 * A small catalog that uses every table: two assets, two levels (one the square of a grid), a layer,
 * three cells (one a proxy of the square), five tiles.
 */
import { hashName } from '../../src/base/hash.ts';
import {
  type Catalog,
  NO_CHILD,
  NO_GRID,
  NO_LAYER,
  NO_LEVEL,
  WHILE_OFF,
} from '../../src/io/bundle/format.ts';

export function sampleCatalog(): Catalog {
  const names = ['oak', 'größe', 'harbor', 'town', 'winter', 'hills'];
  const encoded = names.map((name) => new TextEncoder().encode(name));
  const stringStarts = [0];
  for (const bytes of encoded) stringStarts.push(stringStarts.at(-1)! + bytes.length);
  const payloads = 10;
  const row = (start: number): number[] => Array.from({ length: payloads }, (_, i) => start + i);
  return {
    text: Uint8Array.from(encoded.flatMap((bytes) => [...bytes])),
    stringStarts: Uint32Array.from(stringStarts),
    assetIds: Uint32Array.of(hashName('oak'), hashName('größe')),
    assetNames: Uint32Array.of(0, 1),
    assetSpheres: Float32Array.of(0, 1, 0, 2, 0, 0, 0, 1),
    assetLodCounts: Uint8Array.of(3, 2),
    assetPayloads: Uint32Array.of(0, 3),
    assetErrors: Float32Array.of(0.01, 0.1, 1, 0, 0, 0.02, 0.2, 0, 0, 0),
    assetTriangles: Uint32Array.of(1000, 100, 10, 0, 0, 500, 50, 0, 0, 0),
    assetImportances: Float32Array.of(1, 2),
    payloadKinds: Uint8Array.of(1, 1, 1, 1, 1, 2, 2, 2, 2, 2),
    payloadPacks: new Uint16Array(payloads),
    payloadOffsets: Uint32Array.from(row(0), (v) => v * 4096),
    payloadEncodedBytes: Uint32Array.from(row(100)),
    payloadChecksums: Uint32Array.from(row(0xfffffff0)),
    payloadGeometryBytes: Uint32Array.from(row(1000)),
    payloadImageBytes: Uint32Array.from(row(2000)),
    payloadTextureBytes: Uint32Array.from(row(3000)),
    payloadBlockBytes: Uint32Array.from({ length: payloads * 3 }, (_, i) => 500 + i),
    payloadDecodeMs: Float32Array.from(row(1)),
    levelNames: Uint32Array.of(2, 3),
    levelGrids: Uint16Array.of(NO_GRID, 0),
    levelSquares: Int16Array.of(0, 0, 3, -2),
    layerNames: Uint32Array.of(4),
    gridNames: Uint32Array.of(5),
    gridEdges: Float32Array.of(64),
    gridRanges: Float32Array.of(200),
    gridLayers: Uint16Array.of(0),
    cellBoxes: Float32Array.from({ length: 18 }, (_, i) => i),
    cellLevels: Uint16Array.of(NO_LEVEL, 0, 1),
    cellLayers: Uint16Array.of(NO_LAYER, WHILE_OFF, 0),
    cellProxies: Uint16Array.of(1, NO_LEVEL, NO_LEVEL),
    cellRuns: Uint32Array.of(0, 2, 3, 4),
    runAssets: Uint32Array.of(0, 1, 0, 1),
    runSlots: Uint32Array.of(0, 2, 3, 5, 6),
    runScales: Float32Array.of(1, 2, 1, 1),
    positions: Float32Array.from({ length: 18 }, (_, i) => i * 1.5),
    rotations: Int16Array.from({ length: 24 }, (_, i) => (i % 4 === 3 ? 32767 : 0)),
    scales: Float32Array.of(1, 1, 2, 1, 1, 1),
    terrainBoxes: Float32Array.from({ length: 30 }, (_, i) => -i),
    terrainErrors: Float32Array.of(8, 1, 1, 1, 1),
    terrainPayloads: Uint32Array.of(5, 6, 7, 8, 9),
    terrainChildren: Uint32Array.of(1, NO_CHILD, NO_CHILD, NO_CHILD, NO_CHILD),
    counts: {
      strings: names.length,
      text: stringStarts.at(-1)!,
      assets: 2,
      payloads,
      levels: 2,
      cells: 3,
      runs: 4,
      placements: 6,
      terrain: 5,
      layers: 1,
      grids: 1,
    },
  };
}
