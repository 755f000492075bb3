/**
 * 3d-tiles-renderer, unmodified, on a stub tileset in Node: its own three.js class, its own queues
 * and cache with the caps lifted, content that costs nothing to fetch or parse. Only `update()` is
 * timed; what its queues do between frames is not counted against it.
 */
import { readFileSync } from 'node:fs';
import { LRUCache, PriorityQueue } from '3d-tiles-renderer/core';
import { TilesRenderer } from '3d-tiles-renderer/three';
import { Group, PerspectiveCamera } from 'three';
import { type AnimationFrames, installAnimationFrames } from './animation-frames.ts';
import { createPose, type Flight, LENS, writePose } from './flight.ts';
import { createTileset, levelsFor, type StubTile } from './quadtree-tileset.ts';
import type { FrameCount, TunableSubject } from './subject.ts';

/** Tiles of its tileset: a complete quadtree of nine levels. */
export const PEER_TILES = 87_381;

/** Where its default settings start. */
const DEFAULT_ERROR_TARGET = 16;
/** Settling that takes more rounds than this is reported as a failure. */
const MAX_SETTLE_ROUNDS = 20_000;

/** The parts of the renderer that its type declarations leave out. */
interface Internals {
  preprocessNode(tile: StubTile, folder: string, parent: null): void;
  stats: { used: number; visible: number; inFrustum: number; tilesProcessed: number };
  isLoading: boolean;
  frameCount: number;
}

interface LoadedTile {
  engineData: {
    scene: Group | null;
    metadata: object | null;
    geometry: object[];
    materials: object[];
    textures: object[];
  };
}

export class Peer3dTiles implements TunableSubject {
  readonly name = '3d-tiles-renderer';
  readonly version: string = readVersion();
  #frames: AnimationFrames | null = null;
  #tiles!: TilesRenderer & Internals;
  readonly #camera = new PerspectiveCamera(
    LENS.fovDegrees,
    LENS.widthPixels / LENS.heightPixels,
    LENS.nearMeters,
    LENS.farMeters,
  );
  #flight: Flight = { camera: 'still', speedMetersPerSecond: 0 };
  readonly #pose = createPose();

  refuses(): null {
    return null;
  }

  /** `tiles` is the size to have; the tree is complete, so the nearest size is taken. */
  async open(tiles: number): Promise<void> {
    this.#frames = installAnimationFrames();
    const tileset = createTileset(levelsFor(tiles));
    this.#tiles = this.#createRenderer(tileset.root, tileset);
    this.#place(0);
    await this.#settleAll();
  }

  async reset(flight: Flight): Promise<void> {
    this.#flight = flight;
    this.#place(0);
    await this.#settleAll();
  }

  step(frame: number): void {
    this.#place(frame);
    this.#tiles.update();
  }

  count(): FrameCount {
    return { used: this.#tiles.stats.used };
  }

  async settle(): Promise<void> {
    this.#frames?.run();
    await drainMicrotasks();
  }

  /** Searches the error target, in pixels. */
  async matchUsed(target: number, flight: Flight): Promise<number> {
    if (!this.#frames) await this.open(PEER_TILES);
    this.#flight = flight;
    let [low, high] = [0.05, 512];
    let best = { distance: Number.POSITIVE_INFINITY, error: DEFAULT_ERROR_TARGET, used: 0 };
    this.#place(0);
    // From coarse to fine: loading all of a too fine selection would take minutes.
    for (let step = 0; step < 14; step++) {
      const error = step === 0 ? DEFAULT_ERROR_TARGET : Math.sqrt(low * high);
      this.#tiles.errorTarget = error;
      const used = await this.#settleUsed(target);
      const distance = Math.abs(Math.log(used / target));
      if (distance < best.distance) best = { distance, error, used };
      if (distance < 0.02) break;
      if (used > target) low = error;
      else high = error;
    }
    this.#tiles.errorTarget = best.error;
    await this.#settleAll();
    return this.#tiles.stats.used;
  }

  /** Sets the error target, in pixels, and waits until nothing is loading. */
  async setErrorTarget(errorTarget: number): Promise<void> {
    this.#tiles.errorTarget = errorTarget;
    await this.#settleAll();
  }

  dispose(): void {
    if (this.#frames) this.#tiles.dispose();
    this.#frames?.uninstall();
    this.#frames = null;
  }

  #createRenderer(root: StubTile, tileset: object): TilesRenderer & Internals {
    const tiles = new TilesRenderer('http://localhost/tileset.json') as TilesRenderer & Internals;
    tiles.registerPlugin({
      name: 'stub content',
      loadRootTileset: async () => {
        tiles.preprocessNode(root, 'http://localhost', null);
        return tileset;
      },
      fetchData: async () => ({ isStub: true }),
      parseTile: async (_content: object, tile: LoadedTile) => {
        Object.assign(tile.engineData, {
          scene: new Group(),
          metadata: {},
          geometry: [],
          materials: [],
          textures: [],
        });
      },
      calculateBytesUsed: () => 1,
    });
    liftCaps(tiles);
    // 3D Tiles has z up, the flight has y up.
    tiles.group.rotation.x = -Math.PI / 2;
    tiles.group.updateMatrixWorld(true);
    tiles.setCamera(this.#camera);
    tiles.setResolution(this.#camera, LENS.widthPixels, LENS.heightPixels);
    tiles.errorTarget = DEFAULT_ERROR_TARGET;
    return tiles;
  }

  #place(frame: number): void {
    writePose(this.#flight, frame, this.#pose);
    const { x, y, z, forwardX, forwardY, forwardZ } = this.#pose;
    this.#camera.position.set(x, y, z);
    this.#camera.lookAt(x + forwardX, y + forwardY, z + forwardZ);
    this.#camera.updateMatrixWorld(true);
  }

  /** Stops early once far more than `target` tiles are used: the search needs no more than that. */
  async #settleUsed(target: number): Promise<number> {
    await this.#settleAll(target * 4);
    return this.#tiles.stats.used;
  }

  /** Updates at one pose until nothing loads and the selection stands still. */
  async #settleAll(enoughUsed: number = Number.POSITIVE_INFINITY): Promise<void> {
    let quiet = 0;
    let last = -1;
    for (let round = 0; round < MAX_SETTLE_ROUNDS; round++) {
      this.#tiles.update();
      const { used, tilesProcessed } = this.#tiles.stats;
      await this.settle();
      if (used > enoughUsed) return;
      const isQuiet = used > 0 && used === last && tilesProcessed === 0 && !this.#tiles.isLoading;
      quiet = isQuiet ? quiet + 1 : 0;
      last = used;
      if (quiet >= 3) return;
    }
    throw new Error(
      `bench: ${this.name} was still loading after ${MAX_SETTLE_ROUNDS} rounds (${last} tiles used)`,
    );
  }
}

/** Caches and queues of its own, with every limit lifted: it is measured on the walk alone. */
function liftCaps(tiles: TilesRenderer): void {
  const cache = new LRUCache();
  cache.unloadPriorityCallback = tiles.lruCache.unloadPriorityCallback;
  cache.minSize = cache.maxSize = Number.POSITIVE_INFINITY;
  cache.minBytesSize = cache.maxBytesSize = Number.POSITIVE_INFINITY;
  const parse = new PriorityQueue();
  parse.priorityCallback = tiles.parseQueue.priorityCallback;
  parse.maxJobs = 100_000;
  tiles.lruCache = cache;
  tiles.parseQueue = parse;
  tiles.downloadQueue.maxJobsPerOrigin = 100_000;
  tiles.processNodeQueue.maxJobs = 100_000;
}

/** A download takes several turns of the promise queue; a macrotask lets them all pass. */
async function drainMicrotasks(): Promise<void> {
  await new Promise<void>((done) => setImmediate(done));
}

function readVersion(): string {
  const file = new URL('../package.json', import.meta.resolve('3d-tiles-renderer/core'));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
