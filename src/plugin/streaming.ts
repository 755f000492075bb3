/** The public face: what a game calls. Everything else is reached through it. */
import type { World } from 'bitecs';
import type { LodLimits } from '../catalog/lod-limits.ts';
import type { LayerOptions } from '../catalog/lod-policy.ts';
import type { ComponentData, StreamingComponents } from '../components/index.ts';
import type { ResidencyClass } from '../components/residency.ts';
import type { MeshContent } from '../io/content.ts';
import type { Source } from '../io/source.ts';
import type { GridReport, GridSettings } from '../level/grids.ts';
import type { DetailName, QualityValues } from '../level/quality.ts';
import type { MemoryBudget } from '../memory/budget/named-budget.ts';
import type { PoolName, PoolOptions } from '../memory/budget/pools.ts';
import type { TierName } from '../memory/policies/tiers.ts';
import type { DeviceMemoryEvent, View } from '../memory/view.ts';
import type { EventName, StreamingEvents } from '../telemetry/events.ts';
import type { MetricTarget } from '../telemetry/metric-watch.ts';
import type { MetricStats } from '../telemetry/metric-window.ts';
import type { KnownMetric, MetricReport } from '../telemetry/metrics.ts';
import type { TravelResult } from '../world/travel.ts';
import type { VolumeCondition, VolumeListener } from '../world/volume-tracking.ts';
import type { LevelLoad } from './level-calls.ts';
import type { LevelSettings } from './level-settings.ts';
import type { LevelStatusReport } from './level-status.ts';
import type { LoadingStatus } from './loading-calls.ts';
import type { PlacementList, PlacementShape } from './queries.ts';
import type { StreamingStats } from './report.ts';
import type { RestoredSnapshot, StreamingSnapshot } from './snapshot-format.ts';
import type { TypedComponents } from './typed.ts';

/** An entity id, or the name of an asset. */
export type Target = number | string;

/** What `open` resolves with. */
export interface WorldInfo {
  name: string;
  placements: number;
  assets: string[];
  levels: string[];
  /** Box around everything: min x, y, z, max x, y, z (meters). */
  bounds: readonly number[];
  /** What everything resident would need, in bytes. */
  residentBytes: number;
}

/** Where a camera is going to be. */
export interface AnnouncedPose {
  /** x, y, z (meters). */
  position: readonly [number, number, number];
  /** Vector of view; default: any direction counts as ahead. */
  direction?: readonly [number, number, number];
  /** Default: that of the heaviest viewpoint. */
  fovYRadians?: number;
  /** How much it counts when it is due, beside 1 for all viewpoints together; default 1. */
  weight?: number;
}

/** A point of a path that a camera is going to take. */
export interface PathPoint extends AnnouncedPose {
  /** When the camera is there, in seconds from the call. */
  atSeconds: number;
  /** The camera jumps here from where it is until then; default: it moves in a straight line. */
  cut?: boolean;
}

/** Where a camera goes at once. Without a view, all around counts as in view there. */
export interface TravelPose extends AnnouncedPose {
  /** Unit quaternion x, y, z, w, in place of `direction`; looks along its own -z. */
  orientation?: readonly [number, number, number, number];
  /** What it counts beside 1 for all viewpoints together, until the camera is there; default 4. */
  weight?: number;
}

/** How `travelTo` travels. */
export interface TravelOptions {
  /** As `LoadingScreen.view`: what must be there; default `complete`. */
  until?: 'levels' | 'complete' | 'settled';
  /** What a level that fails does: end it (the default), hold it until it is retried, nothing. */
  onFailure?: 'reject' | 'wait' | 'continue';
  /** When it takes longer, a loading screen comes; null: never. Default 0.5. */
  screenAfterSeconds?: number | null;
  /** What is on it: title, tips, `minimumSeconds`. What it waits for is up to the travel. */
  screen?: Omit<ComponentData<'LoadingScreen'>, 'view' | 'viewpoint'>;
  /** Then it rejects; default: never. */
  timeoutSeconds?: number;
  /** Ends it: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Takes an announcement back. */
export interface AnnouncementHandle {
  /** Safe to call at any time, and twice. */
  cancel(): void;
}

/** Where a game foretells a viewpoint to be; `direction` or `orientation`, one of them. */
export interface FedPose {
  /** Above 0, and above that of the pose before. */
  secondsAhead: number;
  /** x, y, z (meters). */
  position: ArrayLike<number>;
  /** Vector of view. */
  direction?: ArrayLike<number>;
  /** Quaternion x, y, z, w. */
  orientation?: ArrayLike<number>;
  /** Beside 1 for the pose that is now; default: e^(-secondsAhead / 1.6). */
  weight?: number;
}

/** An asset held by name until it is released. */
export interface AssetRequest {
  /** Resolves when the LOD is resident; rejects when it failed or the streaming was disposed. */
  readonly ready: Promise<void>;
  release(): void;
}

export interface Streaming {
  /** The game's bitECS world. */
  readonly world: World;
  readonly components: StreamingComponents;
  /** `set(Component, data)` with types, e.g. `typed.StreamRequest({ asset: 'statue' })`. */
  readonly typed: TypedComponents;
  readonly disposed: boolean;
  /**
   * Bytes for everything resident or on its way. Lowered below what is in use, it is evicted down to by
   * `evictBytesPerFrame`, and nothing new comes until then.
   */
  budgetBytes: number;
  /**
   * Promises, shares and limits of one pool, in place of what it had; `{}` for none. Throws where
   * guarantees or shares of all pools come to more than there is.
   */
  setPool(pool: PoolName, options: PoolOptions): void;
  /**
   * Sets bytes aside under a name, for what the game itself keeps in memory: levels, audio, render
   * targets. Throws where the name is taken or there is not as much left to promise.
   *
   * @param priority when `budgetBytes` is lowered below all promises, lower ones lose first
   */
  createMemoryBudget(name: string, bytes: number, priority?: number): MemoryBudget;
  /** Geometric error that is good enough (pixels). */
  errorPixels: number;

  /** The same for terrain (pixels). */
  terrainErrorPixels: number;

  /**
   * Gives a named group of assets a measure and limits of its own, or with null takes them back.
   * Holds at once and for worlds opened later. An asset in several layers follows the one that was
   * set last.
   */
  setLayer(name: string, layer: LayerOptions | null): void;
  /**
   * Limits the LODs of all that stands in levels of this name, or with null no longer. Its assets'
   * own limits hold beside them; where they contradict, the coarsest LOD decides.
   */
  setLevelLod(name: string, limits: LodLimits | null): void;

  /**
   * Has the game itself want a level, beside the volumes that may want it: it is loaded, and shown when
   * all of it is there, unless it is to be `hidden` or to wait for `activateLevel`. May be called before
   * the world is open, and again, which takes the place of the earlier call. `ready` resolves when the
   * level is where it is wanted (active; loaded, where it waits; hidden); it rejects when the level fails
   * or is unloaded. `release` is `unloadLevel`.
   *
   * Throws where opened worlds have no such level.
   */
  loadLevel(name: string, options?: LevelLoad): AssetRequest;
  /**
   * Takes `loadLevel` back. The level goes unless something else wants it: a volume, another level.
   * Throws where `loadLevel` did not load it.
   */
  unloadLevel(name: string): void;
  /**
   * Has a level be shown that waits for it, or will. Throws, with its state, where nobody wants it.
   *
   * `blocking`: in one frame, the next one if it is loaded, else the one in which it is, however long that
   * frame takes; by itself it comes in slices. For a cut, behind a door, under a loading screen.
   */
  activateLevel(name: string, options?: { blocking?: boolean }): void;
  /** Has a level stay in memory when it is loaded, neither shown nor updated. */
  hideLevel(name: string): void;
  /** Takes `hideLevel` back: the level is shown when it is loaded. */
  showLevel(name: string): void;
  /**
   * Has a failed level tried again, with those that it needs; of one that shows without some assets, these
   * assets. Throws, with its state, where nothing failed.
   */
  retryLevel(name: string): void;
  /**
   * Says what holds for a level whoever wants it. May be called before its world is open. Throws for a
   * cycle of dependencies, and for dependencies or a budget of a level that is neither unloaded nor failed.
   */
  setLevel(name: string, settings: LevelSettings): void;
  /** How a level of the opened worlds stands. A new object each call. Throws where there is none. */
  levelStatus(name: string): LevelStatusReport;

  /** Entities with `LoadingScreen`, in rising order. A new list each call. */
  loadingScreens(): number[];
  /** How a loading screen stands, as plain data. A new object each call. Throws where there is none. */
  loadingStatus(entity: number): LoadingStatus;
  /**
   * Has all that failed of what a loading screen waits for tried again: levels, with those that they
   * need, and assets, also those that a level has done without; then it waits for them.
   */
  retryLoading(entity: number): void;

  /**
   * The detail of everything: which LODs and textures are used at most, how far is drawn, what casts
   * shadows. With auto-adjust the finest that it may choose. null, the default: nothing is limited.
   */
  setQuality(detail: DetailName | null): void;
  /** The same of what stands in levels of this name. Beside that of all the coarser one holds. */
  setLevelQuality(level: string, detail: DetailName | null): void;
  /**
   * Lowers the detail of all by frame time and memory and brings it back, and gives levels that of their
   * distance (`quality`). Off, what was chosen holds.
   */
  setAutoQuality(on: boolean): void;
  /** Changes what a detail means, at once. Figures that are left out stay as they are. */
  setQualityValues(detail: DetailName, values: Partial<QualityValues>): void;
  /** The detail that holds for all, or in a level; null where nothing is limited. */
  qualityOf(level?: string): DetailName | null;
  /**
   * The coarsest of what distance, memory and frame time ask for, held on to by hysteresis against
   * `qualityOf()`; frame time moves it by a step, or two above the second target. Changes nothing, with
   * auto-adjust or without.
   *
   * @param availableBytes of the budget, free
   */
  calculateOptimalLOD(distanceMeters: number, availableBytes: number, frameMs: number): DetailName;

  /**
   * Names a polygon for volumes of the shape `prism`: its corners as x, z in meters from the center of
   * the volume, in order, either way around, convex or not. Any number of volumes may stand on one
   * outline; given again, it changes all of them.
   *
   * Throws where there are not 3 to 256 corners, two in a row are at one place, or edges cross.
   */
  defineOutline(name: string, corners: readonly (readonly [x: number, z: number])[]): void;
  /**
   * Switches a data layer, e.g. "winter". All are off at first, also those of worlds opened later. What is
   * of the layer, cells in the open, cells of levels, volumes and grids, follows in the next `update`; of
   * more cells than `levels.layerCellsPerFrame` so many in each.
   */
  setDataLayer(name: string, isOn: boolean): void;
  isDataLayerOn(name: string): boolean;
  /** Every data layer that the game, a volume or an opened world has named, and whether it is on. */
  dataLayers(): { name: string; isOn: boolean }[];
  /**
   * Says how far a grid loads its squares around every viewpoint, or switches it off; holds for worlds
   * opened later. Throws where no opened world has it, a figure is none, or it would unload nearer than load.
   */
  setGrid(name: string, settings: GridSettings): void;
  /** The grids of the opened worlds, and how they stand. */
  grids(): GridReport[];
  /**
   * Registers a condition of volumes, or takes it back with null: under a name, for all volumes with
   * this `condition`, or for the volume of one entity, until that goes. It is asked in each `update`
   * for volumes that a viewpoint is near, and for no others. While it says anything but true, or
   * throws, they are not entered.
   */
  setVolumeCondition(target: number | string, condition: VolumeCondition | null): void;
  /**
   * Tells of one volume, where events are told (at the end of `commit`), until the volume goes or the
   * returned function is called.
   */
  watchVolume(entity: number, listener: VolumeListener): () => void;

  /**
   * Opens a cooked world, a little at a time (`openMsPerFrame`). What is read first is who is there
   * and about where: payloads are asked for from then on. Placements follow, nearest first, and show
   * as they come; it resolves with the last. Asset and level names may be used before it has finished.
   * Rejects when a file is missing or damaged; then everything is given back. Placements that the link
   * does not bring are asked for again, after the others, until the world is closed (`warning`).
   */
  open(path: string, options?: { source?: Source }): Promise<WorldInfo>;
  /**
   * Closes the world opened from `path` and gives everything it held back. One that is still being
   * opened is given up: its `open` rejects.
   */
  close(path: string): void;

  /** Get: takes in what has arrived. First call of a frame. */
  begin(): void;
  /** Want and Afford: decides what to load, and asks for it. */
  update(dtSeconds: number): void;
  /** Show and Tell: uploads, swaps LODs, reports. Last call before rendering. */
  commit(): void;

  /** Says that a camera will be at `pose` in `etaSeconds`: what it needs is loaded before. */
  announce(pose: AnnouncedPose, etaSeconds: number): AnnouncementHandle;
  /**
   * Says which path a camera will take: a cut-scene, fast travel, rails. The next three seconds of
   * it are loaded ahead, moving along as time passes; it is forgotten at its end, or by `cancel()`.
   */
  announcePath(points: readonly PathPoint[]): AnnouncementHandle;
  /**
   * Foretells a viewpoint, in place of extrapolation, until the last of the poses is past: for games
   * that know better (rails, replays, a simulation ahead of the picture). At most 8, soonest first;
   * none goes back to extrapolation. Meant to be called every frame.
   */
  feedPoses(viewpoint: number, poses: readonly FedPose[]): void;
  /**
   * Makes the place ready where a camera is going to be, then resolves: move the camera there in the same
   * turn. A viewpoint of its own stands there until some camera is within 25 m, or for two seconds
   * after; what takes longer than `screenAfterSeconds` gets an entity with `LoadingScreen`, which goes with it.
   *
   * Rejects when a level there fails, with its name; when time is up; when `signal` says so, another
   * `travelTo` begins, or the streaming is disposed; and when it is given what it cannot use. Assets that
   * fail are in `failures` of the result: it is shown without them.
   */
  travelTo(pose: TravelPose, options?: TravelOptions): Promise<TravelResult>;
  /** Holds one LOD of an asset. Critical and high are pinned; the others compete by worth. */
  requestAsset(name: string, lod: number, urgency?: keyof typeof ResidencyClass): AssetRequest;
  /**
   * Holds assets as one list until it is released: each is loaded before all else and never evicted.
   * A list may name what no opened world has yet, and an asset may be on several.
   *
   * @param lod of each, or the coarsest that it has; default: the coarsest
   */
  pinAssets(names: readonly string[], lod?: number): AssetRequest;
  /**
   * Puts assets into a tier: nothing of a higher one is evicted while anything of a lower one may be,
   * and nothing for the sake of a lower one, whatever it is worth and whichever policy decides. What
   * must be there (pins, deadlines) takes from all. All are `normal` until something else is said, for
   * worlds opened later too. Unlike a pin a tier asks for nothing.
   */
  setTier(names: readonly string[], tier: TierName): void;
  /**
   * What the game wants of the streaming, as plain data: volumes and requests with their entities, outlines,
   * data layers, what was said of levels, quality, tiers, assets held by name. `notSaved` names what
   * is wanted and cannot be said in JSON.
   */
  snapshot(): StreamingSnapshot;
  /**
   * Wants again what was saved: entities are made anew, what is said by name becomes what was saved.
   * Entities that are there stay. May be called before worlds are open. Throws, and changes
   * nothing, where anything cannot be used, with the path of the field.
   */
  restore(snapshot: StreamingSnapshot): RestoredSnapshot;
  /** Whether the LOD (default: any the entity allows) can be shown now. */
  isResident(target: Target, lod?: number): boolean;
  /** Decoded content of a resident LOD (default: the finest), or null. Not to be changed. */
  data(target: Target, lod?: number): MeshContent | null;
  /** Value of a resident asset of one of the game's own kinds, or null. */
  content(target: Target): unknown;
  /** Resolves once `isResident`; rejects on failure, dispose, or when the entity gives up. */
  whenResident(target: Target, lod?: number): Promise<void>;
  /** Where an entity stands, as a sentence a person can read; "" when all is well. */
  explain(entity: number): string;

  /**
   * Slots of the placements whose bounding sphere touches a sphere, a box, or what a viewpoint sees
   * (by its columns as they are now), in rising order. Counts those of opened worlds whose level, if
   * they have one, is active; the game's own entities are not among them. Asks the tree of cells:
   * the time is that of what is near, whatever the size of the world.
   *
   * Throws where the shape is none, or the entity has no `Viewpoint`.
   *
   * @param out filled anew and returned; its `slots` are replaced by longer ones where they are full.
   * Without it a new list is made.
   */
  placementsIn(shape: PlacementShape, out?: PlacementList): PlacementList;

  /** State of every level of the opened worlds, by name. */
  levels(): Record<string, string>;
  /** Visible placements per LOD, finest first. Walks what is in view. */
  lodHistogram(): number[];
  stats(): StreamingStats;
  /** Placements, entities and tiles shown, and what was looked at to find them. Allocates little. */
  counts(): { used: number; visited: number };
  /**
   * Records a sample of a metric: one of those that are always there, or one of the game's own, in
   * whatever unit it has. A name that is new begins a window; there may be 64. Throws where the value is
   * no finite number.
   */
  recordMetric(type: KnownMetric | (string & {}), value: number): void;
  /**
   * Least, mean, largest and percentiles (nearest rank) of the samples in the window of
   * `metrics.samples` and `metrics.seconds`. Throws where nothing was ever recorded by that name.
   */
  metricStats(type: KnownMetric | (string & {})): MetricStats;
  /** Warns (`performanceWarning`) while a metric is above its target, in its unit; null: no more. */
  setMetricTarget(type: KnownMetric | (string & {}), target: MetricTarget | null): void;
  /**
   * Tells what the last frame took and drew; once a frame. Without it `frameMs` is the time step given to
   * `update`, and `memoryBytes` what the streaming has in use.
   *
   * @param frameMs what the frame took (milliseconds)
   * @param bytes what the game has in memory, with what is streamed
   */
  profileFrame(frameMs: number, bytes: number, drawCalls: number, triangles: number): void;
  /** All metrics as plain data. Sorts every window: not meant for each frame. */
  performanceReport(): { frame: number; metrics: Record<string, MetricReport> };
  /** All state as plain data, for a bug report. */
  dumpState(): object;
  /** Throws if any promise of the design does not hold. Slow: for tests. */
  checkInvariants(): void;
  on<N extends EventName>(name: N, listener: (payload: StreamingEvents[N]) => void): () => void;

  /** For views: installs the showing port. */
  attachView(view: View<MeshContent>, hooks: { beforeUpdate(): void }): () => void;
  /** For views: tells what happened to the device; it is acted on in the next `begin`. */
  onDeviceMemory(event: DeviceMemoryEvent): void;
  createViewpoint(): number;
  removeViewpoint(entity: number): void;
  /**
   * The entity that stands for a slot, made on demand; 0 when there can be none: the slot is none, its
   * level is not active, or the capacity is used up. Farther away than a quarter beyond
   * `activateRadiusMeters` it goes again within a few frames.
   */
  entityOfSlot(slot: number): number;
  /** The slot of an entity with StreamRequest or Placement, or -1. */
  slotOfEntity(entity: number): number;
  assetNameOfSlot(slot: number): string;

  /**
   * Tells how much of some slots is hidden behind something else, for whoever knows: a depth query,
   * the game's own visibility sets. What is hidden is loaded later and evicted sooner; what is shown
   * does not change. A weight halves every `occlusion.halfLifeSeconds` unless it is written again,
   * and all of them end with a cut of the camera.
   *
   * Throws, and changes nothing, when a slot is not in use or a weight is not a byte.
   *
   * @param slots as from `slotOfEntity`; read during the call only
   * @param hidden 0 = in sight … 255 = hidden altogether, one per slot; read during the call only
   * @param count entries to read; default: all of `slots`
   */
  setOcclusion(slots: ArrayLike<number>, hidden: ArrayLike<number>, count?: number): void;
  /** Takes the occlusion weights of slots back at once: they are in sight. Throws as `setOcclusion`. */
  markSeen(slots: ArrayLike<number>, count?: number): void;

  /** Ends everything. Resolves when the last worker has gone. */
  dispose(): Promise<void>;
}
