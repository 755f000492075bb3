/** Mounts a whole catalog at once, for tests of what works on the tables. */
import { drain } from '../../src/base/steps.ts';
import {
  fillRows,
  type Mount,
  type MountTables,
  placeSlice,
  reserveRows,
} from '../../src/catalog/mount.ts';
import type { Catalog } from '../../src/io/bundle/format.ts';

export function mountCatalog(tables: MountTables, catalog: Catalog): Mount {
  const mount = drain(reserveRows(tables, catalog));
  drain(fillRows(tables, catalog, mount, 0));
  const { positions, rotations, scales, counts } = catalog;
  const placements = { positions, rotations, scales };
  placeSlice(tables, mount, { ...placements, first: 0, firstCell: 0, endCell: counts.cells });
  return mount;
}
