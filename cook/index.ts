/** `farfield/cook`: source assets to bundles, and looking at bundles. Node only. */
export { cook } from './cook.ts';
export type { CookedImage } from './encode-image.ts';
export { encodeMesh, type Link, type MeshCodec, type MeshInput } from './encode-mesh.ts';
export { CookError } from './errors.ts';
export type { FileInput } from './files.ts';
export type { GridOptions } from './grids.ts';
export { formatInspection, type InspectReport, inspect } from './inspect.ts';
export type { LevelShape } from './levels.ts';
export { loadModel } from './load-model.ts';
export type { EncodedPayload } from './mesh-content.ts';
export type { MeshPart, SourceImage, SourceModel } from './model.ts';
export { COOK_DEFAULTS, type CookOptions } from './options.ts';
export { coverPositions, type Quantization, snapPositions } from './quantize.ts';
export {
  type AssetReport,
  type CookReport,
  type FileReport,
  formatReport,
  type LodReport,
} from './report.ts';
export type { GridReport, LayerReport, PartitionReport, ProxyReport } from './report-partition.ts';
export type { PlacementTable } from './table.ts';
export type { UpdateReport } from './update.ts';
export { type VerifyReport, verify } from './verify.ts';
export type { VertexAttribute } from './vertex-attribute.ts';
