/**
 * A lap of the browser soak, and what is counted after it: a flight over the same places in every lap,
 * then one of `REST_PLACES` in turn. How much of the flight is still in memory there depends on how fast
 * it came, so all is given up first. Counted is what is left then, and once more what is there when the
 * place has all that it wants. The functions handed to the page run there: they see their arguments
 * only.
 */

import type { OpenedPage } from '../../test/support/browser.ts';
import { countGlBytes, type GlBytes } from '../../test/support/gl-bytes.ts';
import type { SteppedDemo } from '../app/stepped.ts';
import { call } from './smoke.ts';
import type { SoakSample } from './soak-judge.ts';

/** Places a lap goes to, and frames flown from each (at 120 m/s). */
const STOPS = 3;
const STOP_FRAMES = 80;
/** Places on the course where samples are taken, lap by lap, at equal distances. */
export const REST_PLACES = 3;
const DT_SECONDS = 1 / 30;
/** Without a budget, before a sample: enough to give all up, too short to lower detail for it. */
const EMPTY_FRAMES = 30;
const EMPTY_DT_SECONDS = 1 / 60;
/** Room for all that a place wants: within less, what was there first decides what stays. */
const REST_BUDGETS = 4;
/**
 * Detail comes in steps, from this many times the tolerated error down to it: all at once, it would be
 * chance which coarser LODs have come first and are still there.
 */
const COARSEST = 64;
const DRAW_EVERY = 20;
/** Every lap goes to the same places, spread over the course, so that laps can be compared. */
const STEP = 0.6180339887498949;

interface Lap {
  stops: number;
  step: number;
  frames: number;
  dtSeconds: number;
  drawEvery: number;
  isLeaking: boolean;
}

interface GiveUp {
  place: number;
  frames: number;
  dtSeconds: number;
}

interface Rest {
  budgets: number;
  coarsest: number;
}

/** Runs in the page before anything else: counts what WebGL makes and deletes. */
function startCounting(): void {
  const live: Record<string, number> = { glBuffers: 0, glTextures: 0, glVertexArrays: 0 };
  (globalThis as unknown as { soakCounts: Record<string, number> }).soakCounts = live;
  const gl = WebGL2RenderingContext.prototype as unknown as Record<
    string,
    (object?: object | null) => object | null
  >;
  const wrap = (name: string, make: string, end: string): void => {
    const alive = new WeakSet<object>();
    const [made, ended] = [gl[make]!, gl[end]!];
    gl[make] = function (this: object) {
      const object = made.call(this);
      if (object) {
        alive.add(object);
        live[name] = live[name]! + 1;
      }
      return object;
    };
    gl[end] = function (this: object, object?: object | null) {
      // Deleting twice, or nothing, is allowed and does nothing.
      if (object && alive.delete(object)) live[name] = live[name]! - 1;
      return ended.call(this, object);
    };
  };
  wrap('glBuffers', 'createBuffer', 'deleteBuffer');
  wrap('glTextures', 'createTexture', 'deleteTexture');
  wrap('glVertexArrays', 'createVertexArray', 'deleteVertexArray');
}

/** What runs in the page before its own scripts do. */
export const SOAK_SCRIPTS: string[] = [
  `(${startCounting})()`,
  `globalThis.soakBytes = (${countGlBytes})()`,
];

/** Teleports from stop to stop and flies from each. */
export async function flyLap(opened: OpenedPage, lap: number, isLeaking: boolean): Promise<void> {
  if (lap === 0)
    await call(opened, async (demo) => {
      await demo.ready;
      await demo.arrive();
    });
  const input: Lap = {
    stops: STOPS,
    step: STEP,
    frames: STOP_FRAMES,
    dtSeconds: DT_SECONDS,
    drawEvery: DRAW_EVERY,
    isLeaking,
  };
  await call(
    opened,
    async (demo, { stops, step, frames, dtSeconds, drawEvery, isLeaking }) => {
      const { autopilot, stage, streaming, file } = demo.game;
      streaming.budgetBytes = file.budgetBytes;
      const length = autopilot.course.lengthMeters;
      const page = globalThis as unknown as { soakKept?: object[] };
      const kept = page.soakKept ?? [];
      page.soakKept = kept;
      for (let stop = 0; stop < stops; stop++) {
        demo.placeOnCourse((((stop + 1) * step) % 1) * length);
        demo.game.setMode('autopilot');
        await demo.fly({ frames, dtSeconds, drawEvery, pauseMs: 2 });
        if (!isLeaking) continue;
        const gl = stage.renderer.getContext();
        kept.push(new Float64Array(1 << 18), gl.createBuffer()!, gl.createTexture()!);
        for (let i = 0; i < 4; i++) kept.push(gl.createBuffer()!, gl.createTexture()!);
      }
    },
    input,
  );
}

/**
 * What is left at the lap's place when all has been given up that may be, and what is there when the
 * place has all that it wants.
 */
export async function sampleLap(opened: OpenedPage, lap: number): Promise<SoakSample> {
  const place = (lap % REST_PLACES) / REST_PLACES;
  await call(opened, giveUp, { place, frames: EMPTY_FRAMES, dtSeconds: EMPTY_DT_SECONDS });
  const left = await takeSample(opened);
  await call(opened, rest, { budgets: REST_BUDGETS, coarsest: COARSEST });
  const full = await takeSample(opened);
  const leftCounts = Object.entries({ heapBytes: left.heapBytes, ...left.counts });
  const counts = Object.fromEntries(leftCounts.map(([name, count]) => [`${name} left`, count]));
  return { heapBytes: full.heapBytes, counts: { ...full.counts, ...counts } };
}

/** Goes to a place (0 to 1 of the course) and takes the budget away. */
async function giveUp(demo: SteppedDemo, { place, frames, dtSeconds }: GiveUp): Promise<void> {
  const { autopilot, streaming } = demo.game;
  demo.placeOnCourse(place * autopilot.course.lengthMeters);
  streaming.budgetBytes = 1;
  await demo.fly({ frames, dtSeconds });
  const { payloadsPending, payloadsStaged } = streaming.stats();
  const coming = payloadsPending + payloadsStaged;
  if (coming > 0) throw new Error(`${coming} payloads still come with no budget at all`);
}

/** Comes to rest with all that the place needs, and nothing else. */
async function rest(demo: SteppedDemo, { budgets, coarsest }: Rest): Promise<void> {
  const { game } = demo;
  const { streaming, file } = game;
  const { errorPixels } = streaming;
  streaming.budgetBytes = file.budgetBytes * budgets;
  // Vessels stand where they stood in the lap before.
  game.seconds = 0;
  for (let coarser = coarsest; coarser >= 1; coarser /= 2) {
    streaming.errorPixels = errorPixels * coarser;
    await demo.settle();
  }
  game.draw();
}

/** Collects garbage, twice because finalizers free more, and counts what is left. */
async function takeSample(opened: OpenedPage): Promise<SoakSample> {
  const session = await opened.page.context().newCDPSession(opened.page);
  await session.send('HeapProfiler.enable');
  for (let i = 0; i < 2; i++) await session.send('HeapProfiler.collectGarbage');
  const usage = (await session.send('Runtime.getHeapUsage')) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  await session.detach();
  const counts = await call(opened, (demo) => {
    const { memory, programs } = demo.game.stage.renderer.info;
    const { soakCounts, soakBytes } = globalThis as unknown as {
      soakCounts: Record<string, number>;
      soakBytes: GlBytes;
    };
    if (soakBytes.unknown.length > 0)
      throw new Error(`GL formats of unknown size: ${[...new Set(soakBytes.unknown)]}`);
    return {
      geometries: memory.geometries,
      textures: memory.textures,
      programs: programs?.length ?? 0,
      ...soakCounts,
      glBytes: soakBytes.buffers + soakBytes.textures,
    };
  });
  return { heapBytes: usage.usedSize + (usage.backingStorageSize ?? 0), counts };
}
