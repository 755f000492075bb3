/**
 * The world from above: its picture, a dot for every instance the renderer draws, colored by LOD,
 * the camera's field of view, where the camera will be, and what is prefetched around that.
 */
import { type InstancedMesh, MathUtils, Vector3 } from 'three';
import { STREAMING_DEFAULTS } from '../../../src/index.ts';
import { VILLAGE_LOAD_METERS } from '../game/cast.ts';
import type { Game } from '../game/game.ts';
import { lodOfLabel } from '../scene/sunlight.ts';
import { element } from './element.ts';
import { Forecast } from './forecast.ts';
import { LOD_RGB } from './lod-colors.ts';

/** Side of the map, texels: twice its size on the page, for sharp lines. */
const SIDE = 520;

export class WorldMap {
  readonly root: HTMLElement;
  readonly #canvas = element('canvas', '');
  readonly #dots = new ImageData(SIDE, SIDE);
  readonly #dotLayer = element('canvas', '');
  readonly #picture = new Image();
  readonly #forecast = new Forecast();
  readonly #ahead = new Vector3();

  constructor(game: Game) {
    for (const canvas of [this.#canvas, this.#dotLayer]) {
      canvas.width = SIDE;
      canvas.height = SIDE;
    }
    this.#picture.src = game.site.addressOf(game.file.map);
    this.root = element('section', 'panel map', this.#canvas, ...placeButtons(game));
    this.root.ariaLabel = 'Map. Choose a place to travel to.';
    this.#canvas.addEventListener('click', ({ offsetX, offsetY }) => {
      const meters = game.file.sizeMeters / this.#canvas.clientWidth;
      const half = game.file.sizeMeters / 2;
      void game.fastTravel.toPlace(offsetX * meters - half, offsetY * meters - half);
    });
  }

  /** Resolves when the picture can be drawn. */
  async load(): Promise<void> {
    await this.#picture.decode();
  }

  /** Takes in the camera's course; call each frame. */
  observe(game: Game, dtSeconds: number): void {
    this.#forecast.observe(game.stage.camera.position, dtSeconds);
  }

  draw(game: Game): void {
    const context = this.#canvas.getContext('2d')!;
    context.drawImage(this.#picture, 0, 0, SIDE, SIDE);
    context.fillStyle = 'rgba(8, 14, 24, 0.38)';
    context.fillRect(0, 0, SIDE, SIDE);
    this.#drawDots(game);
    context.drawImage(this.#dotLayer, 0, 0);
    const scale = SIDE / game.file.sizeMeters;
    context.save();
    context.translate(SIDE / 2, SIDE / 2);
    context.scale(scale, scale);
    context.lineWidth = 1.6 / scale;
    this.#drawVillages(context, game, scale);
    this.#drawForecast(context, game, scale);
    this.#drawCamera(context, game, scale);
    context.restore();
  }

  #drawDots(game: Game): void {
    const { data } = this.#dots;
    data.fill(0);
    const scale = SIDE / game.file.sizeMeters;
    for (const child of game.view.root.children) {
      const mesh = child as InstancedMesh;
      const lod = lodOfLabel(mesh.name);
      if (lod === null || !mesh.visible || !mesh.instanceMatrix) continue;
      const [red, green, blue] = LOD_RGB[lod] ?? [255, 255, 255];
      const matrices = mesh.instanceMatrix.array;
      for (let at = 12; at < mesh.count * 16; at += 16) {
        const x = Math.floor(matrices[at]! * scale + SIDE / 2);
        const y = Math.floor(matrices[at + 2]! * scale + SIDE / 2);
        if (x < 0 || y < 0 || x >= SIDE || y >= SIDE) continue;
        const to = (y * SIDE + x) * 4;
        // The finest LOD of a texel wins: it is the one to notice.
        if (data[to + 3] !== 0 && data[to + 3]! >= 255 - lod * 20) continue;
        data[to] = red;
        data[to + 1] = green;
        data[to + 2] = blue;
        data[to + 3] = 255 - lod * 20;
      }
    }
    this.#dotLayer.getContext('2d')!.putImageData(this.#dots, 0, 0);
  }

  #drawVillages(context: CanvasRenderingContext2D, game: Game, scale: number): void {
    const states = game.streaming.levels();
    context.textAlign = 'center';
    context.font = `600 ${13 / scale}px system-ui, sans-serif`;
    for (const { level, title, center, radius } of game.file.villages) {
      const isActive = states[level] === 'active';
      context.strokeStyle = isActive ? '#8ff0b8' : 'rgba(255, 255, 255, 0.55)';
      circle(context, center[0], center[2], radius);
      context.setLineDash([7 / scale, 6 / scale]);
      circle(context, center[0], center[2], radius + VILLAGE_LOAD_METERS);
      context.setLineDash([]);
      context.fillStyle = isActive ? '#c8ffdf' : 'rgba(255, 255, 255, 0.8)';
      context.fillText(title, center[0], center[2] - radius - 8 / scale);
    }
  }

  #drawForecast(context: CanvasRenderingContext2D, game: Game, scale: number): void {
    const { position } = game.stage.camera;
    context.strokeStyle = 'rgba(120, 220, 255, 0.75)';
    context.fillStyle = 'rgba(120, 220, 255, 0.10)';
    const prefetch = STREAMING_DEFAULTS.prefetchRadiusMeters;
    const poses = this.#forecast.poses(position);
    const last = poses.at(-1)!;
    context.beginPath();
    context.arc(last.x, last.z, prefetch, 0, Math.PI * 2);
    context.fill();
    circle(context, last.x, last.z, prefetch);
    context.fillStyle = '#9be8ff';
    for (const { x, z } of poses) dot(context, x, z, 4 / scale);
  }

  #drawCamera(context: CanvasRenderingContext2D, game: Game, scale: number): void {
    const { camera } = game.stage;
    const { x, z } = camera.position;
    camera.getWorldDirection(this.#ahead);
    const heading = Math.atan2(this.#ahead.z, this.#ahead.x);
    const half = Math.atan(Math.tan(MathUtils.degToRad(camera.fov / 2)) * camera.aspect);
    context.fillStyle = 'rgba(255, 255, 255, 0.28)';
    context.beginPath();
    context.moveTo(x, z);
    context.arc(x, z, 95 / scale, heading - half, heading + half);
    context.fill();
    context.fillStyle = '#ffffff';
    dot(context, x, z, 6 / scale);
  }
}

/** A button on each village: the map without a mouse. */
function placeButtons(game: Game): HTMLElement[] {
  return game.file.villages.map((village) => {
    const button = element('button', 'place');
    const [x, , z] = village.center;
    button.style.left = `${(x / game.file.sizeMeters + 0.5) * 100}%`;
    button.style.top = `${(z / game.file.sizeMeters + 0.5) * 100}%`;
    button.ariaLabel = `Travel to ${village.title}`;
    button.title = button.ariaLabel;
    button.addEventListener('click', () => void game.fastTravel.toVillage(village));
    return button;
  });
}

function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.stroke();
}

function dot(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.fill();
}
