/**
 * A lap of the browser soak, and what is counted at its end: a flight over the same places in every
 * lap, then a rest at one of `REST_PLACES` in turn. How much of the flight is still in memory there
 * depends on how fast it came; so all that the place does not need is given up first, and what is
 * counted is what the place needs, and whatever should have gone. The functions handed to the page run
 * there: they see their arguments only.
 */
import { countGlBytes, type GlBytes } from '../../test/browser/pages/memory/gl-bytes.ts';
import type { OpenedPage } from '../../test/support/browser.ts';
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

interface Rest {
  place: number;
  frames: number;
  dtSeconds: number;
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

/** Teleports from stop to stop, flies from each, and comes to rest. */
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
  await call(opened, rest, {
    place: (lap % REST_PLACES) / REST_PLACES,
    frames: EMPTY_FRAMES,
    dtSeconds: EMPTY_DT_SECONDS,
    budgets: REST_BUDGETS,
    coarsest: COARSEST,
  });
}

/** Comes to rest at a place (0 to 1 of the course) with what it needs, and nothing else. */
async function rest(
  demo: SteppedDemo,
  { place, frames, dtSeconds, budgets, coarsest }: Rest,
): Promise<void> {
  const { game } = demo;
  const { autopilot, streaming } = game;
  demo.placeOnCourse(place * autopilot.course.lengthMeters);
  streaming.budgetBytes = 1;
  await demo.fly({ frames, dtSeconds });
  const { payloadsPending, payloadsStaged } = streaming.stats();
  if (payloadsPending + payloadsStaged > 0)
    throw new Error(
      `${payloadsPending + payloadsStaged} payloads still come with no budget at all`,
    );
  streaming.budgetBytes = game.file.budgetBytes * budgets;
  // Vessels stand where they stood in the lap before.
  game.seconds = 0;
  const { errorPixels } = streaming;
  for (let coarser = coarsest; coarser >= 1; coarser /= 2) {
    streaming.errorPixels = errorPixels * coarser;
    await demo.settle();
  }
  game.draw();
}

/** Collects garbage, twice because finalizers free more, and counts what is left. */
export async function takeSample(opened: OpenedPage, seconds: number): Promise<SoakSample> {
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
  return { seconds, heapBytes: usage.usedSize + (usage.backingStorageSize ?? 0), counts };
}
