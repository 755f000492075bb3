/** The overlay: figures, map and controls, a few times a second; and the loading screen. */
import type { Game } from '../game/game.ts';
import { Controls } from './controls.ts';
import { Gauges } from './gauges.ts';
import { LoadingScreen } from './loading-screen.ts';
import { WorldMap } from './map.ts';

const REFRESH_SECONDS = 0.2;

export class Hud {
  readonly #loading: LoadingScreen;
  readonly #gauges: Gauges;
  readonly #map: WorldMap;
  readonly #controls: Controls;
  readonly #parent: HTMLElement;
  #sinceRefresh = Number.POSITIVE_INFINITY;
  #frames = 0;
  #frameSeconds = 0;

  constructor(parent: HTMLElement, game: Game) {
    this.#parent = parent;
    this.#loading = new LoadingScreen(game.streaming, () =>
      game.fastTravel.isUnderWay ? () => game.fastTravel.cancel() : null,
    );
    this.#gauges = new Gauges(game);
    this.#map = new WorldMap(game);
    this.#controls = new Controls(game);
    parent.replaceChildren(
      this.#gauges.root,
      this.#controls.root,
      this.#map.root,
      this.#loading.root,
    );
    addEventListener('keydown', ({ code }) => void (code === 'KeyH' && this.toggle()));
  }

  load(): Promise<void> {
    return this.#map.load();
  }

  toggle(isHidden: boolean = !this.#parent.classList.contains('hidden')): void {
    this.#parent.classList.toggle('hidden', isHidden);
  }

  fail(error: unknown): void {
    this.#loading.fail('The world cannot be opened', error);
  }

  /** @param frameSeconds real time since the last picture; 0 where pictures are stepped by hand */
  update(game: Game, dtSeconds: number, frameSeconds: number): void {
    this.#map.observe(game, dtSeconds);
    this.#loading.update(performance.now());
    this.#frames++;
    this.#frameSeconds += frameSeconds;
    this.#sinceRefresh += dtSeconds;
    if (this.#sinceRefresh < REFRESH_SECONDS) return;
    this.refresh(game);
  }

  /** Brings everything up to date now. */
  refresh(game: Game): void {
    this.#gauges.update(game, (this.#frameSeconds / Math.max(1, this.#frames)) * 1000);
    this.#map.draw(game);
    this.#controls.update(game);
    this.#frames = 0;
    this.#frameSeconds = 0;
    this.#sinceRefresh = 0;
  }
}
