/** `farfield/cook`: source assets to bundles, and looking at bundles. Node only. */
export { cook } from './cook.ts';
export type { Link, MeshCodec } from './encode-mesh.ts';
export { CookError } from './errors.ts';
export { formatInspection, type InspectReport, inspect } from './inspect.ts';
export type { LevelShape } from './levels.ts';
export { COOK_DEFAULTS, type CookOptions } from './options.ts';
export { type AssetReport, type CookReport, formatReport, type LodReport } from './report.ts';
export type { PlacementTable } from './table.ts';
export { type VerifyReport, verify } from './verify.ts';
