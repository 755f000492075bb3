/**
 * The demo as a game: its own bitECS world, its own loop, its own scene. `step` is one frame of
 * systems, `draw` one picture; who calls them, and when, is the business of the page.
 */
import { addComponent, addEntity, createWorld, removeEntity, set, type World } from 'bitecs';
import { type Texture, TextureLoader } from 'three';
import { installStreaming, type Streaming, type WorldInfo } from '../../../src/index.ts';
import { createThreeView, type ThreeView } from '../../../src/render/index.ts';
import { Autopilot } from '../flight/autopilot.ts';
import { FreeFlight } from '../flight/free-flight.ts';
import { Walk } from '../flight/walk.ts';
import { installAtmosphere } from '../scene/atmosphere.ts';
import { tuneMaterials } from '../scene/materials.ts';
import { createSky, type Sky } from '../scene/sky.ts';
import { updateSnow } from '../scene/snow.ts';
import { createStage, type Stage } from '../scene/stage.ts';
import { createSunlight, limitShadowCasters, type Sunlight } from '../scene/sunlight.ts';
import { createWater, type Water } from '../scene/water.ts';
import type { Settings } from '../settings.ts';
import type { DemoPose, DemoWorld } from '../world-file.ts';
import type { WorldSite } from '../world-site.ts';
import { Cast } from './cast.ts';
import { FastTravel, TIPS } from './fast-travel.ts';
import { createCachedLink, createLink, type DemoLink } from './link.ts';

/** Flowers and tufts of grass far away cost more triangles than anybody sees. */
const MIN_PIXELS = 5;

export type FlightMode = 'autopilot' | 'free' | 'still' | 'walk';

export class Game {
  readonly world: World = createWorld({});
  readonly settings: Settings;
  readonly file: DemoWorld;
  readonly site: WorldSite;
  readonly stage: Stage;
  readonly link: DemoLink;
  readonly streaming: Streaming;
  readonly view: ThreeView;
  readonly autopilot: Autopilot;
  readonly fastTravel: FastTravel = new FastTravel(this);
  /** Everything is there that the first view shows. */
  hasArrived = false;
  /** Null until `open` has finished. */
  info: WorldInfo | null = null;
  seconds = 0;
  /** Waves, clouds and vessels stand still, so that two pictures can be compared. */
  isTimeStill = false;
  #isWinter = false;
  #mode: FlightMode = 'autopilot';
  #walk: Walk | null = null;
  #cast: Cast | null = null;
  readonly #freeFlight: FreeFlight;
  readonly #sky: Sky;
  readonly #sunlight: Sunlight;
  #water: Water | null = null;
  /** The loading screen of the first view. */
  readonly #firstView: number;

  constructor(canvas: HTMLCanvasElement, settings: Settings, site: WorldSite) {
    const { file } = site;
    this.settings = settings;
    this.site = site;
    this.file = file;
    this.stage = createStage(canvas, settings);
    const { scene, camera, renderer } = this.stage;
    installAtmosphere(scene);
    this.#sky = createSky();
    scene.add(this.#sky.mesh);
    this.#sunlight = createSunlight(scene, settings.shadows);
    this.link = settings.isCached ? createCachedLink(site.source) : createLink(site.source);
    this.streaming = installStreaming(this.world, {
      source: this.link.source,
      budgetBytes: settings.budgetBytes ?? file.budgetBytes,
      errorPixels: settings.errorPixels,
      minPixels: MIN_PIXELS,
    });
    this.view = createThreeView(this.streaming, {
      renderer,
      scene,
      camera,
      onMaterial: tuneMaterials(settings.antialias),
    });
    this.#firstView = this.#addFirstView();
    const { points, targets, metersPerSecond } = file.autopilot;
    this.autopilot = new Autopilot(points, targets, settings.metersPerSecond ?? metersPerSecond);
    this.#freeFlight = new FreeFlight(canvas, () => this.setMode('free'));
    this.placeCamera(file.spawn);
  }

  /** Opens the cooked world and puts the game's own entities into it. */
  async open(): Promise<void> {
    const { file, streaming } = this;
    if (file.seaLevelMeters !== null) await this.#addSea(file.seaLevelMeters);
    this.#cast = new Cast(this.world, streaming, this.view, this.stage.scene, file);
    this.info = await streaming.open(file.head);
  }

  get mode(): FlightMode {
    return this.#mode;
  }

  setMode(mode: FlightMode): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    if (mode === 'free') this.#freeFlight.takeOver(this.stage.camera);
    if (mode === 'autopilot') this.autopilot.join(this.stage.camera);
  }

  get isWinter(): boolean {
    return this.#isWinter;
  }

  /** Summer's leaves, flowers and grass give way to bare trees, and snow falls. */
  setWinter(isWinter: boolean): void {
    this.#isWinter = isWinter;
    this.streaming.setDataLayer('winter', isWinter);
  }

  /** Walks the camera there. */
  walkTo(pose: DemoPose): void {
    this.#walk = new Walk(this.stage.camera, pose);
    this.#mode = 'walk';
  }

  /** Puts the camera somewhere at once, and leaves it there. */
  placeCamera(pose: DemoPose): void {
    const { camera } = this.stage;
    camera.position.set(...pose.position);
    camera.lookAt(...pose.target);
    this.#freeFlight.takeOver(camera);
  }

  /** One frame: Get, the game's own systems, Want and Afford, Show and Tell. */
  step(dtSeconds: number): void {
    const { streaming, stage } = this;
    streaming.begin();
    // While a place is being loaded the camera waits.
    if (this.hasArrived && !this.fastTravel.isUnderWay) this.#fly(dtSeconds);
    if (!this.isTimeStill) this.seconds += dtSeconds;
    this.#cast?.update(this.seconds);
    streaming.update(dtSeconds);
    streaming.commit();
    this.#watchFirstView();
    updateSnow(this.#isWinter, dtSeconds);
    this.#sky.update(this.seconds);
    this.#water?.update(this.seconds, stage.camera.position);
    this.#sunlight.update(stage.camera);
  }

  draw(): void {
    limitShadowCasters(this.view.root);
    this.stage.draw();
  }

  /** Gives everything back but the canvas, which cannot be drawn on again. */
  async dispose(): Promise<void> {
    this.view.dispose();
    await this.streaming.dispose();
    this.stage.renderer.dispose();
  }

  #addFirstView(): number {
    const { LoadingScreen } = this.streaming.components;
    const { title, credits } = this.file;
    const entity = addEntity(this.world);
    const data = { title, description: credits.join(' · '), view: 'settled', tips: TIPS };
    addComponent(this.world, entity, set(LoadingScreen, data));
    return entity;
  }

  #watchFirstView(): void {
    if (this.hasArrived || !this.info) return;
    if (this.streaming.loadingStatus(this.#firstView).state !== 'ready') return;
    this.hasArrived = true;
    removeEntity(this.world, this.#firstView);
  }

  #fly(dtSeconds: number): void {
    const { camera } = this.stage;
    if (this.#mode === 'free') this.#freeFlight.update(camera, dtSeconds);
    if (this.#mode === 'walk' && !this.#walk?.update(camera, dtSeconds)) this.setMode('free');
    if (this.#mode === 'autopilot') this.autopilot.update(camera, dtSeconds, this.streaming);
  }

  async #addSea(levelMeters: number): Promise<void> {
    const { file, stage, site } = this;
    let depth: Texture | null = null;
    if (file.depth) depth = await new TextureLoader().loadAsync(site.addressOf(file.depth));
    if (depth) depth.flipY = false;
    const { sizeMeters, depthRangeMeters } = file;
    this.#water = createWater({ levelMeters, sizeMeters, depthRangeMeters, depth });
    stage.scene.add(this.#water.mesh);
  }
}
