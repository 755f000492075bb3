/** The page: opens a world, shows it, and lets somebody fly. A world dropped on it takes its place. */
import { listenForDrops } from './drop.ts';
import { Game } from './game/game.ts';
import { Hud } from './hud/hud.ts';
import { LoadingScreen } from './hud/loading-screen.ts';
import { parseSettings, type Settings } from './settings.ts';
import { createSteppedDemo, type SteppedDemo } from './stepped.ts';
import { givenWorld, servedWorld, type WorldSite } from './world-site.ts';

/** A tab that slept must not make the game leap. */
const MAX_STEP_SECONDS = 0.1;

const overlay = document.querySelector<HTMLElement>('#hud')!;

/** Ends the loop of the world that is shown. */
let stopFrames = (): void => undefined;

function runFrames(game: Game, hud: Hud): () => void {
  let isRunning = true;
  let last = performance.now();
  const frame = (now: number): void => {
    if (!isRunning) return;
    const seconds = (now - last) / 1000;
    last = now;
    const dt = Math.min(Math.max(seconds, 0), MAX_STEP_SECONDS);
    game.step(dt);
    game.draw();
    hud.update(game, dt, seconds);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return () => {
    isRunning = false;
  };
}

interface Started {
  game: Game;
  hud: Hud;
  opened: Promise<void>;
}

/** Opens the world; what it returns is driven by animation frames, or by hand. */
function start(settings: Settings, site: WorldSite): Started {
  const canvas = document.querySelector<HTMLCanvasElement>('#picture')!;
  const game = new Game(canvas, settings, site);
  const hud = new Hud(overlay, game);
  hud.toggle(!settings.hud);
  const opened = Promise.all([game.open(), hud.load()]).then(() => undefined);
  opened.catch((error: unknown) => hud.fail(error));
  if (!settings.isStepped) stopFrames = runFrames(game, hud);
  return { game, hud, opened };
}

async function startServed(): Promise<Started> {
  const settings = parseSettings(location.search);
  return start(settings, await servedWorld(settings.world));
}

/** Shows the world in `files` instead of the one that is shown. */
async function startGiven(files: readonly File[]): Promise<Started> {
  const before = started;
  const site = await givenWorld(files);
  stopFrames();
  await before.then(({ game }) => game.dispose()).catch(() => undefined);
  const old = document.querySelector<HTMLCanvasElement>('#picture')!;
  const fresh = document.createElement('canvas');
  fresh.id = old.id;
  old.replaceWith(fresh);
  return start(parseSettings(location.search), site);
}

function show(work: Promise<Started>): void {
  started = work;
  work.catch((error: unknown) => {
    const screen = new LoadingScreen(null);
    overlay.replaceChildren(screen.root);
    screen.fail('The demo cannot start', error);
  });
  // Settles when the page is set up; `ready` of what it holds, when the world is open.
  window.farfieldDemo = work.then(({ game, hud, opened }) => createSteppedDemo(game, hud, opened));
  window.farfieldDemo.catch(() => undefined);
}

declare global {
  interface Window {
    farfieldDemo?: Promise<SteppedDemo>;
  }
}

let started: Promise<Started>;
show(startServed());
listenForDrops(
  document.body,
  (files) => show(startGiven(files)),
  (error) => show(Promise.reject(error)),
);
