/**
 * A lap of the browser soak, and what is counted at its end. The functions handed to the page run
 * there: they see their arguments only.
 */
import type { OpenedPage } from '../../test/support/browser.ts';
import { call } from './smoke.ts';
import type { SoakSample } from './soak-judge.ts';

/** Places a lap goes to, and frames flown from each (at 120 m/s). */
const STOPS = 3;
const STOP_FRAMES = 80;
const DT_SECONDS = 1 / 30;
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

/** Runs in the page before anything else: counts what WebGL makes and deletes. */
export function startCounting(): void {
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

/** Teleports from stop to stop, flies from each, and comes to rest where all laps end. */
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
      const { autopilot, stage } = demo.game;
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
      demo.placeOnCourse(0);
      await demo.settle();
      demo.game.isTimeStill = false;
      demo.game.draw();
    },
    input,
  );
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
    const { soakCounts } = globalThis as unknown as { soakCounts: Record<string, number> };
    return {
      geometries: memory.geometries,
      textures: memory.textures,
      programs: programs?.length ?? 0,
      ...soakCounts,
    };
  });
  return { seconds, heapBytes: usage.usedSize + (usage.backingStorageSize ?? 0), counts };
}
