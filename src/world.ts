/** What a system may reach (`StreamWorld`), and how it is made. */
export { createStreamWorld } from './world/create.ts';
export type {
  Activation,
  Hold,
  LayerShift,
  OpenedWorld,
  OpenGroup,
  StreamQueries,
  Tracked,
  Waiter,
} from './world/records.ts';
export { MAX_VIEWPOINTS } from './world/records.ts';
export type { StreamWorld } from './world/stream-world.ts';
