/** The bundle format: reading and writing heads, catalogs and payload framing. Runs everywhere. */
export { stringAt } from './catalog-names.ts';
export * from './format.ts';
export type * from './mesh-header.ts';
export { plainColumns } from './plain-columns.ts';
export { READ_CATALOG_DEFAULTS, type ReadCatalogOptions, readCatalog } from './read-catalog.ts';
export { formatHead, parseHead, type WorldHeadFields } from './read-head.ts';
export { directoryBytesOf, writeCatalog } from './write-catalog.ts';
export {
  deflateBlock,
  encodeBlocks,
  lz4Block,
  type PackBlock,
  type PackedBlock,
  storeBlock,
} from './write-payload.ts';
