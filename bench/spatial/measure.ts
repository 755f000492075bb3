/** Runs the subjects over one scene in turns, and checks every set that any of them finds. */

import { FRUSTUM_STRIDE } from '../../src/spatial/frustum.ts';
import { createItemList, type ItemList } from '../../src/spatial/octree.ts';
import { createCpuMeter, heapUsedBytes } from '../lib/cpu.ts';
import { round } from '../lib/stats.ts';
import { createBruteForce } from './brute-force.ts';
import { applyMove, type Move, makeScene, type Scene, type SceneOptions } from './scene.ts';
import type { SpatialSubject } from './subject.ts';

/** Radii asked for (meters). */
export const RADII: readonly number[] = [20, 100, 400];

export interface QueryRow {
  query: string;
  /** Items found, on average. */
  hits: number;
  microseconds: number;
  nanosecondsPerHit: number;
}

export interface SpatialRun {
  items: number;
  subject: string;
  insertNanoseconds: number;
  bytesPerItem: number;
  /** A move of a meter at most, and one to anywhere; null where the index cannot move items. */
  stepNanoseconds: number | null;
  teleportNanoseconds: number | null;
  /** Putting a newly built index in order: all of it, and the longest slice. Null: nothing to do. */
  tidyMs: number | null;
  tidyMaxSliceMs: number | null;
  queries: QueryRow[];
  /** The same after the moves, before anything was put in order. */
  queriesAfterMoves: QueryRow[];
}

interface Question {
  query: string;
  count: number;
  ask(subject: SpatialSubject, i: number, out: ItemList): void;
}

function questionsOf(scene: Scene): Question[] {
  const spheres = RADII.map(
    (radius): Question => ({
      query: `radius ${radius} m`,
      count: scene.centers.length,
      ask(subject, i, out) {
        const { x, y, z } = scene.centers[i]!;
        subject.sphere(x, y, z, radius, out);
      },
    }),
  );
  const frustum: Question = {
    query: 'frustum 600 m',
    count: scene.frusta,
    ask: (subject, i, out) =>
      subject.frustum(scene.planes, i * FRUSTUM_STRIDE, scene.footprints, i * 4, out),
  };
  return [...spheres, frustum];
}

/** Sums of the sets that are right: sizes, and a fingerprint that does not depend on order. */
interface Answer {
  count: number;
  print: number;
}

function answerOf(found: ItemList): Answer {
  const items = found.items.subarray(0, found.count).slice().sort();
  let print = 0;
  for (const item of items) print = (Math.imul(print, 31) + item) | 0;
  return { count: items.length, print };
}

/** Asks everything and throws at the first set that is not the one brute force finds. */
export function checkAnswers(
  subject: SpatialSubject,
  questions: readonly Question[],
  truth: readonly Answer[][],
): void {
  const found = createItemList();
  questions.forEach(({ query, count, ask }, q) => {
    for (let i = 0; i < count; i++) {
      found.count = 0;
      ask(subject, i, found);
      const { count: items, print } = answerOf(found);
      const expected = truth[q]![i]!;
      if (items !== expected.count || print !== expected.print)
        throw new Error(
          `spatial: ${subject.name}, ${query}, question ${i}: found ${items} items, ` +
            `brute force finds ${expected.count}, and the sets differ`,
        );
    }
  });
}

function truthOf(scene: Scene, questions: readonly Question[], boxes: Float32Array): Answer[][] {
  const truth = createBruteForce();
  truth.insertAll(boxes, scene.count);
  const found = createItemList();
  return questions.map(({ count, ask }) =>
    Array.from({ length: count }, (_, i) => {
      found.count = 0;
      ask(truth, i, found);
      return answerOf(found);
    }),
  );
}

const meter = createCpuMeter();

function timed(work: () => void): number {
  meter.start();
  work();
  return meter.stop();
}

/** The best of a few rounds for each question: what disturbs one makes it slower, never faster. */
function timeQueries(
  subject: SpatialSubject,
  questions: readonly Question[],
  rounds: number,
): QueryRow[] {
  const found = createItemList();
  return questions.map(({ query, count, ask }) => {
    let best = Number.POSITIVE_INFINITY;
    let hits = 0;
    for (let r = 0; r < rounds; r++) {
      hits = 0;
      const ms = timed(() => {
        for (let i = 0; i < count; i++) {
          found.count = 0;
          ask(subject, i, found);
          hits += found.count;
        }
      });
      best = Math.min(best, ms);
    }
    return {
      query,
      hits: round(hits / count),
      microseconds: round((best * 1000) / count),
      nanosecondsPerHit: round((best * 1e6) / Math.max(1, hits)),
    };
  });
}

interface Tidied {
  tidyMs: number | null;
  tidyMaxSliceMs: number | null;
}

function tidy(subject: SpatialSubject): Tidied {
  if (!subject.tidy) return { tidyMs: null, tidyMaxSliceMs: null };
  let totalMs = 0;
  let longestMs = 0;
  for (let isMore = true; isMore; ) {
    const ms = timed(() => {
      isMore = subject.tidy!();
    });
    totalMs += ms;
    longestMs = Math.max(longestMs, ms);
  }
  return { tidyMs: round(totalMs), tidyMaxSliceMs: round(longestMs) };
}

/** Moves there, and back again between rounds; the last round leaves everything moved. */
function timeMoves(
  subject: SpatialSubject,
  boxes: Float32Array,
  moves: Move[],
  rounds: number,
): number | null {
  const { move } = subject;
  if (!move) return null;
  const origin = boxes.slice();
  let best = Number.POSITIVE_INFINITY;
  for (let r = 0; r < rounds; r++) {
    if (r > 0)
      for (const { item } of moves) {
        applyMove(boxes, { item, x: origin[item * 6]!, z: origin[item * 6 + 2]! });
        move(item, boxes);
      }
    const ms = timed(() => {
      for (const one of moves) {
        applyMove(boxes, one);
        move(one.item, boxes);
      }
    });
    best = Math.min(best, ms);
  }
  return round((best * 1e6) / moves.length);
}

/** All of it once on few boxes, so that what is measured is compiled. */
function warm(subject: SpatialSubject, scene: Scene, questions: readonly Question[]): void {
  const count = Math.min(scene.count, 50_000);
  subject.insertAll(scene.boxes, count);
  while (subject.tidy?.());
  const boxes = scene.boxes.slice();
  const moves = [...scene.steps, ...scene.teleports].filter(({ item }) => item < count);
  timeMoves(subject, boxes, moves, 3);
  while (subject.tidy?.());
  timeQueries(subject, questions, 1);
}

/** Measures every subject on one scene. Throws where a subject finds a wrong set. */
export function measureSpatial(
  makers: readonly (() => SpatialSubject)[],
  options: SceneOptions & { rounds: number },
): SpatialRun[] {
  const scene = makeScene(options);
  const questions = questionsOf(scene);
  const truth = truthOf(scene, questions, scene.boxes);
  const moved = scene.boxes.slice();
  for (const one of [...scene.steps, ...scene.teleports]) applyMove(moved, one);
  const truthAfter = truthOf(scene, questions, moved);
  return makers.map((make) => {
    warm(make(), scene, questions);
    const before = heapUsedBytes();
    const subject = make();
    const insertMs = timed(() => subject.insertAll(scene.boxes, scene.count));
    const bytes = subject.bytes() ?? heapUsedBytes() - before;
    const tidied = tidy(subject);
    checkAnswers(subject, questions, truth);
    const queries = timeQueries(subject, questions, options.rounds);
    const boxes = scene.boxes.slice();
    const stepNanoseconds = timeMoves(subject, boxes, scene.steps, options.rounds);
    const teleportNanoseconds = timeMoves(subject, boxes, scene.teleports, options.rounds);
    // What cannot move is built anew.
    if (!subject.move) subject.insertAll(moved, scene.count);
    checkAnswers(subject, questions, truthAfter);
    const queriesAfterMoves = timeQueries(subject, questions, options.rounds);
    return {
      items: scene.count,
      subject: subject.name,
      insertNanoseconds: round((insertMs * 1e6) / scene.count),
      bytesPerItem: round((subject.bytes() ?? bytes) / scene.count),
      stepNanoseconds,
      teleportNanoseconds,
      ...tidied,
      queries,
      queriesAfterMoves,
    };
  });
}
