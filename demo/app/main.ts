/** The page: opens a world, shows it, and lets somebody fly. */
import { Game } from './game/game.ts';
import { Curtain } from './hud/curtain.ts';
import { Hud } from './hud/hud.ts';
import { parseSettings, type Settings } from './settings.ts';
import { createSteppedDemo, type SteppedDemo } from './stepped.ts';
import type { DemoWorld } from './world-file.ts';

/** A tab that slept must not make the game leap. */
const MAX_STEP_SECONDS = 0.1;

const canvas = document.querySelector<HTMLCanvasElement>('#picture')!;
const overlay = document.querySelector<HTMLElement>('#hud')!;

async function readWorld(settings: Settings): Promise<{ folder: string; file: DemoWorld }> {
  const folder = `/worlds/${encodeURIComponent(settings.world)}/`;
  const answer = await fetch(`${folder}demo.json`);
  if (!answer.ok)
    throw new Error(
      `${folder}demo.json: the server answered ${answer.status}; expected a cooked world there. ` +
        'Start the demo with `npm run demo`, which cooks it.',
    );
  return { folder, file: (await answer.json()) as DemoWorld };
}

function runFrames(game: Game, hud: Hud): void {
  let last = performance.now();
  const frame = (now: number): void => {
    const seconds = (now - last) / 1000;
    last = now;
    const dt = Math.min(Math.max(seconds, 0), MAX_STEP_SECONDS);
    game.step(dt);
    game.draw();
    hud.update(game, dt, seconds);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Opens the world; what it returns is driven by animation frames, or by hand. */
async function start(): Promise<{ game: Game; hud: Hud; opened: Promise<void> }> {
  const settings = parseSettings(location.search);
  const { folder, file } = await readWorld(settings);
  const game = new Game(canvas, settings, folder, file);
  const hud = new Hud(overlay, game);
  hud.toggle(!settings.hud);
  const opened = Promise.all([game.open(), hud.load()]).then(() => undefined);
  opened.catch((error: unknown) => hud.fail(error));
  if (!settings.isStepped) runFrames(game, hud);
  return { game, hud, opened };
}

declare global {
  interface Window {
    farfieldDemo?: Promise<SteppedDemo>;
  }
}

const started = start();
started.catch((error: unknown) => {
  const curtain = new Curtain('The demo cannot start', []);
  curtain.fail(error);
  overlay.replaceChildren(curtain.root);
});
// Settles when the page is set up; `ready` of what it holds, when the world is open.
window.farfieldDemo = started.then(({ game, hud, opened }) => createSteppedDemo(game, hud, opened));
window.farfieldDemo.catch(() => undefined);
