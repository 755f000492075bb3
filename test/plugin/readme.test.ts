/** The code that the README shows, run as it is shown: a cooked world, HTTP, workers, a scene. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as bitecs from 'bitecs';
import { PerspectiveCamera, Scene } from 'three';
import { transformWithOxc } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import * as farfield from '../../src/index.ts';
import * as three from '../../src/render/index.ts';
import { temporaryFolder, writeGlb } from '../cook/sources.ts';
import { type FileServer, serveFolder } from '../support/files.ts';
import { workerUrl } from '../support/worker-url.ts';

/** What the code declares and the test asks about. */
interface Shown {
  streaming: farfield.Streaming;
  statue: number;
  frame(dt: number): void;
}

/** What the code leaves to the game. */
interface Given {
  renderer: object;
  scene: Scene;
  camera: PerspectiveCamera;
  arrivals: number[];
  game(world: object, dt: number): void;
}

const IMPORT = /^import \{ ([^}]+) \} from '([^']+)';$/gm;
const NEAR = 300;
const FAR = 500;

/** Cooks a world with a harbor and serves it, until the test ends. */
async function serveWorld(): Promise<FileServer> {
  const folder = temporaryFolder();
  await mkdir(join(folder, 'worlds'));
  const inputs = [
    await writeGlb(folder, 'statue', { scale: [9, 9, 9] }),
    await writeGlb(folder, 'crane'),
  ];
  const placements = join(folder, 'placements.csv');
  await writeFile(placements, 'asset,x,y,z\ncrane,20,0,10\ncrane,-30,0,60\n');
  const levels = [{ name: 'harbor', center: [0, 0, 0], radius: 150 }];
  await cook({ inputs, placements, levels, out: join(folder, 'worlds/island') });
  const server = await serveFolder(folder);
  onTestFinished(() => server.close());
  return server;
}

/** The block of the README's "Use". */
async function readCode(): Promise<string> {
  const text = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const code = /^## Use\n+```ts\n([\s\S]*?)^```$/m.exec(text)?.[1];
  if (!code) throw new Error('README.md has no block of TypeScript under "## Use"');
  return code;
}

/**
 * What the code imports. Addresses begin at the test's server, and workers are those that were built:
 * both a page knows by itself.
 */
function importsOf(code: string, origin: string): Record<string, unknown> {
  const modules: Record<string, Record<string, unknown>> = {
    bitecs,
    farfield: {
      ...farfield,
      httpSource: (path: string) => farfield.httpSource(origin + path),
      installStreaming: (world: bitecs.World, options: farfield.StreamingOptions) =>
        farfield.installStreaming(world, { ...options, workerUrl, workerCount: 1 }),
    },
    'farfield/three': { ...three },
  };
  const found: Record<string, unknown> = {};
  for (const [, names, from] of code.matchAll(IMPORT))
    for (const name of names!.split(', ')) {
      expect(modules[from!], `${from} of the README`).toHaveProperty(name);
      found[name] = modules[from!]![name];
    }
  return found;
}

async function run(code: string, given: Given): Promise<Shown> {
  const body = `${code.replace(IMPORT, '')}\nreturn { streaming, statue, frame };`;
  const { code: script } = await transformWithOxc(`async function shown() {${body}}`, 'readme.ts');
  const { origin } = await serveWorld();
  const names = { ...importsOf(code, origin), ...given };
  const make = new Function(...Object.keys(names), `${script}\nreturn shown();`);
  return make(...Object.values(names)) as Promise<Shown>;
}

async function start(code: string): Promise<Shown & Given> {
  const given: Given = {
    renderer: {
      initTexture: () => undefined,
      getDrawingBufferSize: (to: { set(x: number, y: number): void }) => to.set(1280, 720),
      render: () => undefined,
    },
    scene: new Scene(),
    camera: new PerspectiveCamera(60, 16 / 9),
    arrivals: [],
    game: () => undefined,
  };
  given.camera.position.set(0, 2, FAR);
  const shown = await run(code, given);
  onTestFinished(() => shown.streaming.dispose());
  return { ...shown, ...given };
}

/** Flies frames until it holds, or for so many. */
async function fly(game: Shown, holds: () => boolean, frames = 2000): Promise<boolean> {
  for (let i = 0; i < frames && !holds(); i++) {
    game.frame(1 / 60);
    game.streaming.checkInvariants();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return holds();
}

const stateOf = ({ streaming }: Shown) => streaming.levelStatus('harbor').state;

test('the code of the README loads the level near its volume, shows the statue, and lets go', async () => {
  const game = await start(await readCode());
  expect(await fly(game, () => game.arrivals.includes(game.statue))).toBe(true);
  expect(stateOf(game)).toBe('unloaded');
  game.camera.position.z = NEAR;
  expect(await fly(game, () => stateOf(game) === 'active')).toBe(true);
  // The harbor's two cranes and the statue.
  expect(await fly(game, () => game.streaming.stats().shown === 3)).toBe(true);
  game.camera.position.z = FAR;
  expect(await fly(game, () => stateOf(game) === 'unloaded')).toBe(true);
});

test('with the level misspelled, it loads nothing and says so (control)', async () => {
  const code = (await readCode()).replace("level: 'harbor'", "level: 'harbour'");
  const game = await start(code);
  const warnings: string[] = [];
  game.streaming.on('warning', ({ message }) => warnings.push(message));
  game.camera.position.z = NEAR;
  expect(await fly(game, () => stateOf(game) === 'active', 300)).toBe(false);
  expect(warnings.join()).toContain('no opened world has a level "harbour"; there are: "harbor"');
});
