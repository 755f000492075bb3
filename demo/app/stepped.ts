/**
 * The page in the hands of a test: `window.farfieldDemo`. No animation frame runs; each call steps
 * the game by so many frames, and between frames the browser gets real time, so that the network
 * and the workers can answer.
 */
import { getAllEntities } from 'bitecs';
import type { Streaming, StreamingStats } from '../../src/index.ts';
import type { Game } from './game/game.ts';
import type { Hud } from './hud/hud.ts';
import type { DemoPose } from './world-file.ts';

/** What a flight has shown so far. Bytes and counts are of the whole life of the page. */
export interface FlightFigures {
  frames: number;
  /** Frames after the first complete view in which something in view had nothing to show. */
  holesFrames: number;
  overBudgetFrames: number;
  entitiesPeak: number;
  residentBytesPeak: number;
  /** Largest factor by which memory pressure has raised the tolerated error. */
  errorBiasPeak: number;
  isComplete: boolean;
  stats: StreamingStats;
  lods: number[];
  drawCalls: number;
  triangles: number;
  position: number[];
}

/** RGBA, rows from the bottom, as base64. */
export interface PagePixels {
  width: number;
  height: number;
  base64: string;
}

export interface FlyOptions {
  frames: number;
  dtSeconds: number;
  /** A picture every so many frames; 0 = none. */
  drawEvery?: number;
  /** Real time between frames (ms). */
  pauseMs?: number;
}

export interface SteppedDemo {
  /** Resolves when the world is open; rejects with what went wrong. */
  ready: Promise<void>;
  step(dtSeconds: number, draw?: boolean): FlightFigures;
  fly(options: FlyOptions): Promise<FlightFigures>;
  /** Steps until the first view is complete. */
  arrive(maxFrames?: number): Promise<FlightFigures>;
  /** Steps with camera and time still until nothing changes. Throws when that does not end. */
  settle(maxFrames?: number): Promise<FlightFigures>;
  /** Puts the camera somewhere and leaves it there. */
  place(pose: DemoPose): void;
  /** Puts the camera on the autopilot's course and leaves it there. */
  placeOnCourse(meters: number): void;
  /** Gives the budget room for all there is and loads every LOD of every model. */
  loadEverything(): Promise<FlightFigures>;
  metrics(): FlightFigures;
  readPixels(): PagePixels;
  /** Shows the overlay, up to date, or hides it. */
  showHud(isShown: boolean): void;
  readonly game: Game;
}

/** Frames in which nothing may happen before the view counts as settled: 2.5 s, 25 sweeps. */
const QUIET_FRAMES = 150;
const SETTLE_DT_SECONDS = 1 / 60;
const MAX_FRAMES = 20_000;

/** @param opened settles when the world is open */
export function createSteppedDemo(game: Game, hud: Hud, opened: Promise<void>): SteppedDemo {
  return new HandDriven(game, hud, opened);
}

class HandDriven implements SteppedDemo {
  readonly game: Game;
  readonly ready: Promise<void>;
  readonly #hud: Hud;
  readonly #peaks = { frames: 0, holesFrames: 0, entities: 0, bytes: 0, bias: 1 };

  constructor(game: Game, hud: Hud, opened: Promise<void>) {
    this.game = game;
    this.#hud = hud;
    this.ready = opened;
  }

  step(dtSeconds: number, draw = false): FlightFigures {
    this.#advance(dtSeconds, draw);
    return this.metrics();
  }

  async fly(options: FlyOptions): Promise<FlightFigures> {
    const { frames, dtSeconds, drawEvery = 0, pauseMs = 4 } = options;
    this.game.isTimeStill = false;
    for (let frame = 1; frame <= frames; frame++) {
      this.#advance(dtSeconds, drawEvery > 0 && frame % drawEvery === 0);
      await pause(pauseMs);
    }
    return this.metrics();
  }

  arrive(maxFrames: number = MAX_FRAMES): Promise<FlightFigures> {
    return this.#until('the first view', maxFrames, () => this.game.hasArrived);
  }

  settle(maxFrames: number = MAX_FRAMES): Promise<FlightFigures> {
    this.game.setMode('still');
    this.game.isTimeStill = true;
    let quiet = 0;
    let bias = 0;
    return this.#until('settling', maxFrames, (stats) => {
      const changes = stats.payloadsPending + stats.payloadsStaged + stats.showChanges;
      const isQuiet = changes === 0 && stats.errorBias === bias;
      bias = stats.errorBias;
      quiet = isQuiet ? quiet + 1 : 0;
      return quiet >= QUIET_FRAMES;
    });
  }

  place(pose: DemoPose): void {
    this.game.setMode('still');
    this.game.placeCamera(pose);
  }

  placeOnCourse(meters: number): void {
    const { autopilot, stage } = this.game;
    this.game.setMode('still');
    autopilot.meters = meters;
    autopilot.place(stage.camera);
  }

  async loadEverything(): Promise<FlightFigures> {
    const { info, streaming } = this.game;
    if (!info) throw new Error('loadEverything: the world is not open yet; await ready first');
    streaming.budgetBytes = Math.ceil(info.residentBytes * 1.5);
    const requests = lodCounts(streaming).flatMap(([asset, lods]) =>
      Array.from({ length: lods }, (_, lod) => streaming.requestAsset(asset, lod, 'high')),
    );
    this.game.isTimeStill = true;
    let isDone = false;
    const all = Promise.all(requests.map(({ ready }) => ready));
    all.then(
      () => {
        isDone = true;
      },
      // Awaited below, where it throws.
      () => {
        isDone = true;
      },
    );
    await this.#until('loading everything', MAX_FRAMES * 10, () => isDone);
    await all;
    return this.settle();
  }

  metrics(): FlightFigures {
    const { streaming, stage, hasArrived } = this.game;
    const stats = streaming.stats();
    const { render } = stage.renderer.info;
    return {
      frames: this.#peaks.frames,
      holesFrames: this.#peaks.holesFrames,
      overBudgetFrames: stats.overBudgetFrames,
      entitiesPeak: this.#peaks.entities,
      residentBytesPeak: this.#peaks.bytes,
      errorBiasPeak: this.#peaks.bias,
      isComplete: hasArrived,
      stats,
      lods: streaming.lodHistogram(),
      drawCalls: render.calls,
      triangles: render.triangles,
      position: stage.camera.position.toArray(),
    };
  }

  readPixels(): PagePixels {
    return readPixels(this.game);
  }

  showHud(isShown: boolean): void {
    this.#hud.toggle(!isShown);
    this.#hud.refresh(this.game);
  }

  #advance(dtSeconds: number, draw: boolean): StreamingStats {
    const { game } = this;
    const peaks = this.#peaks;
    const wasComplete = game.hasArrived;
    game.step(dtSeconds);
    const stats = game.streaming.stats();
    peaks.frames++;
    if (wasComplete && stats.holes > 0) peaks.holesFrames++;
    peaks.entities = Math.max(peaks.entities, getAllEntities(game.world).length);
    peaks.bytes = Math.max(peaks.bytes, stats.residentBytes);
    peaks.bias = Math.max(peaks.bias, stats.errorBias);
    if (draw) game.draw();
    this.#hud.update(game, dtSeconds, 0);
    return stats;
  }

  async #until(
    what: string,
    maxFrames: number,
    isDone: (stats: StreamingStats) => boolean,
  ): Promise<FlightFigures> {
    for (let frame = 0; frame < maxFrames; frame++) {
      const stats = this.#advance(SETTLE_DT_SECONDS, false);
      if (isDone(stats)) return this.metrics();
      await pause(stats.payloadsPending + stats.payloadsStaged > 0 ? 3 : 0);
    }
    const { payloadsPending, payloadsStaged, candidates, refused, holes, levels, errorBias } =
      this.game.streaming.stats();
    const state = {
      payloadsPending,
      payloadsStaged,
      candidates,
      refused,
      holes,
      levels,
      errorBias,
    };
    throw new Error(`${what} took more than ${maxFrames} frames: ${JSON.stringify(state)}`);
  }
}

/** Every asset with how many LODs it has. */
function lodCounts(streaming: Streaming): [asset: string, lods: number][] {
  const { assets } = streaming.dumpState() as { assets: { name: string; lods: unknown[] }[] };
  return assets.map(({ name, lods }) => [name, lods.length]);
}

/** Draws and reads in one task: what the canvas shows later is the browser's business. */
function readPixels(game: Game): PagePixels {
  game.draw();
  const gl = game.stage.renderer.getContext();
  const { drawingBufferWidth: width, drawingBufferHeight: height } = gl;
  const bytes = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { width, height, base64: btoa(text) };
}

/** A macrotask: fetches, workers and decoded images arrive while nothing else runs. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
