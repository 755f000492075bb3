/**
 * Strategy: a game that does anything to its world at any time (`random-game.ts`), a viewpoint that
 * walks and jumps, a level that comes and goes, a world that is closed and opened again, under a
 * random limit; from one seed, which a failure names.
 * Invariants in every frame: no more structural changes than the limit, counted from outside; queries
 * list what exists, and all of it; entities and slots agree both ways; tags agree with Residency;
 * what is the game's own is as the game left it. When the game has calmed down: every loaded
 * placement near the viewpoint has an entity, none far from it has, and tags agree with memory. After
 * dispose nothing of the streaming's is left.
 */
import { describe, expect, it, vi } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { ResidencyState } from '../../src/components/residency.ts';
import { opCount } from '../support/op-counter.ts';
import { RandomGame } from '../support/random-game.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

vi.mock('bitecs', async (importOriginal) => {
  const { countingOps } = await import('../support/op-counter.ts');
  return countingOps(await importOriginal());
});

const bitecs = await vi.importActual<typeof import('bitecs')>('bitecs');

const CAPACITY = 256;
const FIRST_SLOT = CAPACITY + 1;
const RADIUS = 40;
const FRAMES = 120;
const SEEDS = [1, 2, 4, 6, 17];

const synthetic = makeSyntheticWorld({
  placements: 1500,
  assets: 6,
  extentMeters: 400,
  cellMeters: 25,
  finestBytes: 4000,
  levels: [{ name: 'town', center: [0, 0, 0], radius: 60 }],
});
const { catalog } = synthetic;

/** Level of each slot's cell; 65535 for none. */
function levelsOfSlots(): Uint16Array {
  const levels = new Uint16Array(catalog.counts.placements);
  for (let cell = 0; cell < catalog.counts.cells; cell++)
    levels.fill(
      catalog.cellLevels[cell]!,
      catalog.runSlots[catalog.cellRuns[cell]!],
      catalog.runSlots[catalog.cellRuns[cell + 1]!],
    );
  return levels;
}

const slotLevels = levelsOfSlots();

interface Flight {
  simulation: Simulation;
  game: RandomGame;
  /** What the streaming was told, and what it is held to. */
  limit: number;
  eye: [number, number];
  /** Most of any frame. */
  mostOps: number;
  /** Placements near the viewpoint at the end. */
  near: number;
  failures: unknown[];
}

function begin(seed: number, heldTo: (limit: number) => number): Flight {
  const random = createRandom(seed);
  const limit = 3 + Math.floor(random() ** 2 * 40);
  const simulation = createSimulation(synthetic, {
    seed,
    streaming: {
      capacity: CAPACITY,
      budgetBytes: Math.round(synthetic.residentBytes * (0.3 + random())),
      activateRadiusMeters: RADIUS,
      structuralOpsPerFrame: limit,
    },
  });
  const { ecs, streaming, viewpoint } = simulation;
  const xOfSlot = (slot: number): number => catalog.positions[(slot - FIRST_SLOT) * 3]!;
  const game = new RandomGame({ bitecs, ecs, streaming, random, counter: opCount, xOfSlot });
  const flight: Flight = {
    simulation,
    game,
    limit: heldTo(limit),
    eye: [0, 0],
    mostOps: 0,
    near: 0,
    failures: [],
  };
  streaming.on('listenerFailed', ({ error }) => flight.failures.push(error));
  const { StreamingVolume } = streaming.components;
  // The viewpoint carries the volume too: one entity less that is not the game's.
  const volume = { level: 'town', radius: 60, loadDistance: 1e4, unloadDistance: 2e4 };
  bitecs.addComponent(ecs, viewpoint, bitecs.set(StreamingVolume, volume));
  return flight;
}

/** One frame, with game code between its calls. */
function frame({ simulation: { streaming }, game }: Flight): void {
  opCount.total = 0;
  game.askedOps = 0;
  streaming.begin();
  game.act();
  game.act();
  streaming.update(1 / 30);
  game.act();
  const asked = game.askedOps;
  streaming.commit();
  expect(streaming.stats().structuralOps).toBe(opCount.total + game.askedOps);
  // What the game asked for before comes off what the frame may do.
  opCount.total += Math.min(asked, opCount.total);
}

function check(flight: Flight): void {
  const { simulation, game, limit } = flight;
  const { streaming, ecs } = simulation;
  const broken: string[] = game.problems.splice(0);
  if (opCount.total > limit) broken.push(`${opCount.total} structural changes, limit ${limit}`);
  flight.mostOps = Math.max(flight.mostOps, opCount.total);
  streaming.checkInvariants();
  checkQueries(flight, broken);
  checkSlots(flight, broken);
  const { StreamRequest, Resident, Residency } = streaming.components;
  // Not a query with `Not(Resident)`: bitECS does not tell it when an observer of Resident throws.
  for (const entity of bitecs.query(ecs, [StreamRequest]))
    if (
      Residency.state[entity] === ResidencyState.resident &&
      !bitecs.hasComponent(ecs, entity, Resident)
    )
      broken.push(
        `entity ${entity} is not tagged Resident, its state is ${Residency.state[entity]}`,
      );
  game.checkOwn();
  broken.push(...game.problems.splice(0));
  for (const failure of flight.failures)
    if (!(failure instanceof RangeError)) broken.push(`not the game's failure: ${failure}`);
  if (broken.length > 0) throw new Error(broken.slice(0, 6).join('; '));
}

/** Everything a query lists is there, and what is there is listed. */
function checkQueries({ simulation: { ecs, streaming }, game }: Flight, broken: string[]): void {
  const { Placement, Transform, StreamRequest, Resident } = streaming.components;
  const { query, hasComponent, entityExists, Not } = bitecs;
  const all = bitecs.getAllEntities(ecs);
  for (const component of [Placement, Transform, StreamRequest, Resident, game.Mark]) {
    const listed = [...query(ecs, [component])].sort((a, b) => a - b);
    const found = all
      .filter((entity) => hasComponent(ecs, entity, component))
      .sort((a, b) => a - b);
    if (listed.join() !== found.join()) broken.push(`a query lists ${listed}, there are ${found}`);
  }
  for (const entity of query(ecs, [Placement, Not(game.Mark)]))
    if (!entityExists(ecs, entity) || hasComponent(ecs, entity, game.Mark))
      broken.push(`entity ${entity} is listed without being so`);
}

/** Each placement's entity knows its slot, and the slot its entity. */
function checkSlots({ simulation: { ecs, streaming } }: Flight, broken: string[]): void {
  const { Placement } = streaming.components;
  const slots = new Set<number>();
  for (const entity of bitecs.query(ecs, [Placement])) {
    const slot = streaming.slotOfEntity(entity);
    // Its world was closed: it is on its way out.
    if (Placement.slot[entity] === 0xffffffff) continue;
    if (slots.has(slot)) broken.push(`slot ${slot} has two entities`);
    slots.add(slot);
    if (Placement.slot[entity] !== slot || streaming.entityOfSlot(slot) !== entity)
      broken.push(`entity ${entity} and slot ${slot} do not agree`);
  }
  const count = streaming.stats().entitiesMaterialized;
  if (slots.size !== count) broken.push(`${slots.size} stand for placements, not ${count}`);
}

/** The game has calmed down: all is as the viewpoint has it. Returns how many placements are near. */
function checkSettled({ simulation: { streaming, ecs }, eye }: Flight): number {
  const { Placement, StreamRequest, Resident } = streaming.components;
  const isLoaded = streaming.levels()['town'] === 'active';
  const have = new Set([...bitecs.query(ecs, [Placement])].map((e) => streaming.slotOfEntity(e)));
  let near = 0;
  for (let i = 0; i < catalog.counts.placements; i++) {
    const [x, y, z] = catalog.positions.subarray(i * 3, i * 3 + 3);
    const distance = Math.hypot(x! - eye[0], y! - 5, z! - eye[1]);
    const isThere = slotLevels[i] === 65535 || isLoaded;
    if (distance <= RADIUS && isThere) near++;
    if (distance <= RADIUS && isThere !== have.has(FIRST_SLOT + i))
      throw new Error(`slot ${FIRST_SLOT + i} is ${distance} m away, loaded: ${isThere}`);
    if ((distance > RADIUS * 1.25 || !isThere) && have.has(FIRST_SLOT + i))
      throw new Error(`slot ${FIRST_SLOT + i} has an entity ${distance} m away`);
  }
  for (const entity of bitecs.query(ecs, [StreamRequest]))
    expect(bitecs.hasComponent(ecs, entity, Resident)).toBe(streaming.isResident(entity));
  return near;
}

async function fly(
  seed: number,
  heldTo: (limit: number) => number = (limit) => limit,
): Promise<Flight> {
  const flight = begin(seed, heldTo);
  const { simulation, game } = flight;
  const { streaming, ecs, viewpoint } = simulation;
  const { random } = game;
  const { StreamingVolume, Placement } = streaming.components;
  try {
    await openSynthetic(simulation, synthetic);
    let isOpen = true;
    let opening: Promise<void> | null = null;
    for (let at = 0; at < FRAMES + 100; at++) {
      game.isCalm = at >= FRAMES;
      if (at < FRAMES) {
        const stride = random() < 0.03 ? 120 : 2;
        flight.eye = flight.eye.map((x) =>
          Math.max(-150, Math.min(150, x + (random() - 0.5) * stride)),
        ) as [number, number];
        if (random() < 0.05) StreamingVolume.active[viewpoint] = random() < 0.6 ? 1 : 0;
      }
      simulation.look(flight.eye[0], 5, flight.eye[1], 0);
      // Closed and opened again while frames go on, now and then closed before all of it is there.
      if (isOpen && at < FRAMES - 20 && random() < (opening ? 0.05 : 0.01)) {
        streaming.close(synthetic.path);
        isOpen = false;
      } else if (!isOpen && !opening && (at >= FRAMES || random() < 0.2)) {
        isOpen = true;
        opening = streaming.open(synthetic.path).then(
          () => undefined,
          () => undefined,
        );
        void opening.then(() => {
          opening = null;
        });
      }
      if (game.isCalm) {
        opCount.total = 0;
        await simulation.step();
      } else {
        frame(flight);
        await simulation.pass();
      }
      check(flight);
    }
    flight.near = checkSettled(flight);
    game.isCalm = false;
    await streaming.dispose();
    expect(bitecs.query(ecs, [Placement]).length).toBe(0);
    const left = new Set(bitecs.getAllEntities(ecs));
    for (const entity of [...game.own.keys(), viewpoint]) expect(left.delete(entity)).toBe(true);
    expect([...left]).toEqual([]);
    expect(simulation.view.problems).toEqual([]);
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
  return flight;
}

describe('a game that does anything to its world', () => {
  it('never sees more structural changes than the limit, and finds its world in order', async () => {
    const done = new Set<string>();
    let limited = 0;
    let near = 0;
    for (const seed of SEEDS) {
      const flight = await fly(seed);
      for (const name of flight.game.done.keys()) done.add(name);
      if (flight.mostOps > flight.limit - 3) limited++;
      near += flight.near;
    }
    // The limit was in the way, and the game did everything it can do.
    expect(limited).toBeGreaterThan(SEEDS.length / 2);
    expect(near).toBeGreaterThan(100);
    for (const what of ['making', 'data', 'made', 'resident', 'gone'])
      expect([...done]).toContain(`end when ${what}`);
    expect([...done]).toEqual(
      expect.arrayContaining(['spawn', 'ask', 'dress', 'undress', 'adopt']),
    );
  });

  it('finds out a streaming that makes one change more than it should', async () => {
    await expect(fly(1, (limit) => limit - 1)).rejects.toThrow(
      /seed 1: \d+ structural changes, limit/,
    );
  });
});
