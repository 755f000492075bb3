/**
 * Which volumes are entered, against a plain scan of all in each frame: of every shape, moved, switched
 * and rewritten at random, added, removed and recycled, by viewpoints that walk, stand, jump, come and go.
 */
import { addComponent, hasComponent, query, removeEntity, set } from 'bitecs';
import { expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { measureVolume, type Outline } from '../../src/spatial/volume-shape.ts';
import { CORNERS, makeVolume, SHAPE_NAMES, storeVolume } from '../spatial/volume-fixture.ts';
import { createVolumeGame } from '../support/volume-game.ts';

const FRAMES = 200;
const EXTENT_METERS = 40;

interface Play {
  /** Volumes that were entered, by frame. */
  entered: number[][];
  transitions: number;
  jumps: number;
}

/** @param outlines as the game has them; `isHysteresisOff` is the control: a scan that has none */
function play(seed: number, outlines: ReadonlyMap<number, Outline>, isHysteresisOff = false): Play {
  const random = createRandom(seed);
  const { ecs, streaming, addVolume, moveEye, frame, told } = createVolumeGame();
  const { StreamingVolume, VolumeEntered, Viewpoint } = streaming.components;
  for (const [name, corners] of Object.entries(CORNERS)) streaming.defineOutline(name, corners);
  const place = (): number[] => [0, 0, 0].map(() => (random() - 0.5) * EXTENT_METERS);
  const makeData = () => {
    const volume = makeVolume(random, SHAPE_NAMES[Math.floor(random() * SHAPE_NAMES.length)]!);
    const loadDistance = random() < 0.3 ? 0 : random() * 20;
    const unloadDistance = loadDistance + random() * 10;
    return { ...volume, center: place(), loadDistance, unloadDistance };
  };
  const volumes = Array.from({ length: 120 }, () => addVolume(makeData()));
  const eyes: number[] = [];
  const speeds: number[] = [];
  const result: Play = { entered: [], transitions: 0, jumps: 0 };
  const expected = new Set<number>();
  const moveEyes = (): void => {
    if (eyes.length === 0 || (random() < 0.02 && eyes.length < 4)) {
      eyes.push(streaming.createViewpoint());
      speeds.push(random() * 3);
      moveEye(eyes.at(-1)!, ...(place() as [number, number, number]));
    } else if (random() < 0.02) {
      streaming.removeViewpoint(eyes.shift()!);
      speeds.shift();
    }
    for (const [i, eye] of eyes.entries()) {
      const isJump = random() < 0.01;
      const to = place().map((axis, k) =>
        isJump ? axis : Viewpoint.eye[eye * 3 + k]! + (random() - 0.5) * speeds[i]!,
      );
      if (isJump) result.jumps++;
      if (random() < 0.9) moveEye(eye, to[0]!, to[1]!, to[2]!);
    }
  };
  const change = (): void => {
    const at = Math.floor(random() * volumes.length);
    const volume = volumes[at]!;
    const chance = random();
    if (chance < 0.3) StreamingVolume.center.set(place(), volume * 3);
    else if (chance < 0.45) StreamingVolume.center[volume * 3 + 1]! += random() - 0.5;
    else if (chance < 0.55) StreamingVolume.active[volume]! ^= 1;
    else if (chance < 0.75) addComponent(ecs, volume, set(StreamingVolume, makeData()));
    else if (chance < 0.85) {
      removeEntity(ecs, volume);
      expected.delete(volume);
      volumes[at] = addVolume(makeData());
    }
  };
  const distance = new Float64Array(1);
  const scan = (volume: number): void => {
    let least = Number.POSITIVE_INFINITY;
    for (const eye of query(ecs, [Viewpoint])) {
      const points = Viewpoint.eye;
      measureVolume(StreamingVolume, outlines, volume, points, eye * 3, distance);
      least = Math.min(least, distance[0]!);
    }
    const { loadDistance, unloadDistance, active } = StreamingVolume;
    const isHeld = expected.has(volume) && !isHysteresisOff;
    const reach = (isHeld ? unloadDistance : loadDistance)[volume]!;
    if (active[volume] !== 0 && least <= reach) expected.add(volume);
    else expected.delete(volume);
  };
  for (let at = 0; at < FRAMES; at++) {
    if (random() < 0.9) moveEyes();
    // A third of them drifts, slowly or fast, and stands now and then.
    for (let i = 0; i < volumes.length; i += 3)
      if (random() < 0.8)
        StreamingVolume.center[volumes[i]! * 3]! +=
          Math.sin(at / 9 + i) * (i % 2 === 0 ? 1.5 : 0.1);
    if (random() < 0.6) for (let i = random() * 4; i > 0; i--) change();
    frame();
    for (const volume of volumes) scan(volume);
    const entered = volumes.filter((volume) => hasComponent(ecs, volume, VolumeEntered));
    result.entered.push(entered);
    if (!isHysteresisOff)
      expect([seed, at, entered]).toEqual([seed, at, volumes.filter((v) => expected.has(v))]);
    else if (entered.length !== expected.size) result.jumps = -1;
  }
  // Every entry and exit is an event, and they make up the state.
  const open = new Set<string>();
  for (const line of told) {
    if (line[0] === '+') expect(open.has(line.slice(1))).toBe(false);
    else expect(open.has(line.slice(1))).toBe(true);
    if (line[0] === '+') open.add(line.slice(1));
    else open.delete(line.slice(1));
  }
  expect([...open].sort()).toEqual(result.entered.at(-1)!.map(String).sort());
  result.transitions = told.length;
  void streaming.dispose();
  return result;
}

const { outlines } = storeVolume({});

test('what is entered is what a scan of all volumes finds, in every frame', () => {
  let transitions = 0;
  let jumps = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const result = play(seed, outlines);
    transitions += result.transitions;
    jumps += result.jumps;
  }
  expect(transitions).toBeGreaterThan(1000);
  expect(jumps).toBeGreaterThan(20);
});

test('a scan without hysteresis finds others', () => {
  expect(play(1, outlines, true).jumps).toBe(-1);
});

test('one seed plays twice alike', () => {
  expect(play(3, outlines)).toEqual(play(3, outlines));
});
