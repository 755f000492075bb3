/** Fast travel: a place is made ready behind a loading screen, then the camera is there. */
import { Vector3 } from 'three';
import type { DemoInterior, DemoPose, DemoVillage, Triple } from '../world-file.ts';
import type { Game } from './game.ts';

export const TIPS: readonly string[] = [
  'The map takes you anywhere: click it, or choose a village with Tab and Enter.',
  'H hides all panels.',
  'Shift hurries, Q sinks, E rises.',
  'Turn the bandwidth down to see how places come.',
];

/** Above what the autopilot flies over at that place (meters). */
const LEAST_HEIGHT_METERS = 20;

export class FastTravel {
  readonly #game: Game;
  #ending: AbortController | null = null;

  constructor(game: Game) {
    this.#game = game;
  }

  get isUnderWay(): boolean {
    return this.#ending !== null;
  }

  /** Gives it up: the camera stays where it is. */
  cancel(): void {
    this.#ending?.abort();
  }

  /**
   * Makes a place ready and puts the camera there. Another call takes its place; then, and when it is
   * cancelled, the answer is false.
   */
  async to({ position, target }: DemoPose, title: string): Promise<boolean> {
    const ending = new AbortController();
    this.#ending = ending;
    const direction = target.map((value, axis) => value - position[axis]!) as Triple;
    try {
      await this.#game.streaming.travelTo(
        { position, direction },
        { signal: ending.signal, onFailure: 'wait', screen: { title, tips: TIPS } },
      );
      this.#game.setMode('free');
      this.#game.placeCamera({ position, target });
      return true;
    } catch {
      // It was cancelled, another took its place, or the world is being left.
      return false;
    } finally {
      if (this.#ending === ending) this.#ending = null;
    }
  }

  /** To the door of a house, and through it. */
  async into({ outside, inside, title }: DemoInterior): Promise<void> {
    if (await this.to(outside, title)) this.#game.walkTo(inside);
  }

  /** To a view of a village. */
  toVillage({ center, radius, title }: DemoVillage): Promise<boolean> {
    const [x, y, z] = center;
    const position: Triple = [x, y + Math.max(40, radius * 0.5), z + radius + 60];
    return this.to({ position, target: center }, title);
  }

  /** To a place on the map, as high as the autopilot would be, with the view that is now. */
  toPlace(x: number, z: number): Promise<boolean> {
    const { autopilot, stage } = this.#game;
    const point = new Vector3(x, stage.camera.position.y, z);
    const target = new Vector3();
    autopilot.course.at(autopilot.course.nearest(point), point, target);
    const position: Triple = [x, point.y + LEAST_HEIGHT_METERS, z];
    const ahead = stage.camera.getWorldDirection(target);
    const there: Triple = [x + ahead.x * 100, position[1] - 15, z + ahead.z * 100];
    return this.to({ position, target: there }, 'Another place');
  }
}
