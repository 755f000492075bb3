/** `farfield/three`: shows a streamed world with three.js. */
export type { AttachOptions } from './attachments.ts';
export type { StreamingHost, ViewHooks, ViewpointColumns } from './host.ts';
export type { MaterialContext, OnMaterial } from './payload-resources.ts';
export type { RaycastHit } from './raycast.ts';
export type { ViewRenderer } from './textures.ts';
export { createThreeView } from './three-view.ts';
export {
  THREE_VIEW_DEFAULTS,
  type ThreeView,
  type ThreeViewOptions,
} from './three-view-options.ts';
