/**
 * Strategy: 10,000 schedules from seeds. In each, volumes begin and cease to want levels (movement),
 * the game loads, unloads, hides, shows, activates and retries, data layers are switched, a viewpoint moves over
 * a grid of these levels, payloads come, fail and come after all,
 * placements are lost and found, budgets are too small; levels need each other and share assets.
 * In every frame: only legal edges, told in order; what is in the tree and what is pinned is what the
 * states say. Once things stay: every wanted level is where it is wanted within a bound of frames, and
 * no other is loaded. When nothing is wanted: pins, tree, bytes and budgets are as they were.
 * Controls: each of four machines with one rule broken is caught, and levels that do not hear of layers.
 */
import { describe, expect, it, vi } from 'vitest';
import { createRandom, type Random } from '../../src/base/random.ts';
import { NO_LAYER, WHILE_OFF } from '../../src/io/bundle/format.ts';
import { createGrid, GridIntent } from '../../src/level/grids.ts';
import {
  isNeeded,
  LEVEL_STATE_NAMES,
  type Level,
  type LevelFacts,
  type LevelState,
} from '../../src/level/level-machine.ts';
import { addWant, removeWant, strongestWant } from '../../src/level/level-wants.ts';
import { createSquareTable } from '../../src/level/square-table.ts';
import { PayloadState } from '../../src/memory/payloads.ts';
import { levelCalls } from '../../src/plugin/level-calls.ts';
import { Gate } from '../../src/systems/cell-membership.ts';
import type { LayerShift } from '../../src/world.ts';
import { ASSET_BYTES, type LevelWorld, makeLevelWorld } from '../support/level-world.ts';

type Rule = (level: Level, facts: LevelFacts, next: LevelState) => LevelState;

const machine = vi.hoisted(() => ({ rule: null as unknown, isBlind: false }));

vi.mock('../../src/systems/level-needs.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/systems/level-needs.ts')>();
  return {
    refreshNeeds(...given: Parameters<typeof original.refreshNeeds>): void {
      if (!machine.isBlind) original.refreshNeeds(...given);
    },
  };
});

vi.mock('../../src/level/level-machine.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/level/level-machine.ts')>();
  return {
    ...original,
    nextLevelState(level: Level, facts: LevelFacts): LevelState {
      const next = original.nextLevelState(level, facts);
      return machine.rule ? (machine.rule as Rule)(level, facts, next) : next;
    },
  };
});

/** Fifteen seconds of work, on machines that have other work too. */
const PATIENCE_MS = 240_000;

const SCHEDULES = 10_000;
const ASSETS = 16;
const OPEN = 4;
const LEVELS = 6;
const BUDGET = 'budget';
const LAYERS = 2;
/** Edge of the squares that levels are of a grid (meters). */
const EDGE = 10;
const EDGES = new Set(
  (
    'unloaded>loading loading>loaded loading>unloading loading>failed loaded>active loaded>hidden ' +
    'loaded>unloading active>loaded active>unloading unloading>unloaded unloading>loading ' +
    'unloading>loaded hidden>loaded hidden>unloading failed>loading failed>unloaded'
  ).split(' '),
);

interface Run {
  made: LevelWorld;
  calls: ReturnType<typeof levelCalls>;
  random: Random;
  /** State of each level as events told it. */
  told: Map<string, string>;
  problems: string[];
  /** Wants that stand for volumes, per level. */
  volumes: number[][];
  edges: Set<string>;
}

function makeRun(): Run {
  const random = createRandom(7);
  const plans = Array.from({ length: LEVELS }, (_, i) => ({
    cells: i === 5 ? 0 : 1 + Math.floor(random() * 12),
    assets: Array.from({ length: ASSETS }, (_, asset) => asset).filter(() => random() < 0.35),
  })).map((plan, i) => {
    if (i % 2 === 0) return plan;
    const layer = (): number => Math.floor(random() * LAYERS) | (random() < 0.4 ? WHILE_OFF : 0);
    return {
      ...plan,
      cellLayers: Array.from({ length: plan.cells }, () => (random() < 0.5 ? NO_LAYER : layer())),
      assetLayers: plan.assets.map(() =>
        random() < 0.4 ? [] : random() < 0.5 ? [layer()] : [layer(), layer()],
      ),
    };
  });
  const made = makeLevelWorld(plans, ASSETS, OPEN, LAYERS);
  addGrid(made);
  const run: Run = {
    made,
    calls: levelCalls(made.world),
    random,
    told: new Map(made.levels.map(({ name }) => [name, 'unloaded'])),
    problems: [],
    volumes: made.levels.map(() => []),
    edges: new Set(),
  };
  made.world.events.on('levelStateChanged', ({ level, from, to }) => {
    if (run.told.get(level) !== from) run.problems.push(`${level} told from ${from}, was not`);
    if (!EDGES.has(`${from}>${to}`)) run.problems.push(`${level}: illegal ${from} > ${to}`);
    run.edges.add(`${from}>${to}`);
    run.told.set(level, to);
  });
  return run;
}

/** The first four levels are squares along x. */
function addGrid({ world, levels }: LevelWorld): void {
  const places = levels.slice(0, 4).map(({ row }, x) => ({ x, z: 0, level: row }));
  const facts = { name: 'grid', world: 'w', owner: {}, intent: new GridIntent(), layer: NO_LAYER };
  const squares = createSquareTable(EDGE, places);
  world.grids.push(createGrid({ ...facts, cookedMeters: EDGE / 2, squares }, 16));
}

/** States in which nothing of a level is in, and in which all of it is in memory. */
const OUT = new Set(['unloaded', 'loading', 'hidden', 'failed']);
const IN_MEMORY = new Set(['loaded', 'active', 'hidden']);

const stateOf = (level: Level): string => LEVEL_STATE_NAMES[level.state]!;

/** One thing that a game, a player or the network does. */
function act(run: Run): void {
  const { random, made, calls } = run;
  const i = Math.floor(random() * made.levels.length);
  const level = made.levels[i]!;
  const { name, intent } = level;
  const state = stateOf(level);
  const kind = random();
  if (kind < 0.05) {
    const layer = Math.floor(random() * LAYERS);
    made.world.dataLayers.set(`layer-${layer}`, random() < 0.5);
  } else if (kind < 0.1) {
    const { eyes } = made.world;
    eyes.count = random() < 0.3 ? 0 : 1;
    eyes.values.set([(random() * 5 - 2) * EDGE, 0, EDGE / 2, 1]);
  } else if (kind < 0.3) {
    const priority = Math.floor(random() * 5);
    addWant(level, priority);
    run.volumes[i]!.push(priority);
  } else if (kind < 0.55) {
    const priority = run.volumes[i]!.pop();
    if (priority !== undefined) removeWant(level, priority);
  } else if (kind < 0.67) {
    const request = calls.loadLevel(name, { activate: random() < 0.8, hidden: random() < 0.2 });
    if (random() < 0.2) request.release();
  } else if (kind < 0.77) {
    if (intent.want >= 0) calls.unloadLevel(name);
  } else if (kind < 0.82) calls.hideLevel(name);
  else if (kind < 0.87) calls.showLevel(name);
  else if (kind < 0.9) {
    if (level.wanted) calls.activateLevel(name);
  } else if (kind < 0.94) {
    if (state === 'failed') calls.retryLevel(name);
  } else if (level.cells.length > 0) {
    const { placed } = made.world.cells;
    // Only before it is loaded: what has been placed stays.
    if (level.lostSlices > 0) findAgain(run, level);
    else if (state === 'unloaded') {
      level.lostSlices = 1;
      placed[level.cells[0]!] = 0;
    }
  }
}

function findAgain({ made }: Run, level: Level): void {
  level.lostSlices = 0;
  for (const cell of level.cells) made.world.cells.placed[cell] = 1;
}

/** What must hold in every frame. */
function check(run: Run): void {
  const { made, told, problems } = run;
  const { world, levels } = made;
  const pins = new Uint16Array(ASSETS);
  let marked = 0;
  for (const level of levels) {
    const { name } = level;
    const state = stateOf(level);
    if (told.get(name) !== state) problems.push(`${name} is ${state}, told ${told.get(name)}`);
    let inTree = 0;
    for (const cell of level.cells) if (world.cellTree.has(cell)) inTree++;
    const all = level.cells.length;
    const isThere = (cell: number): boolean => (world.cells.gates[cell]! & Gate.Layer) === 0;
    const expected = level.cells.slice(0, level.inserted).filter(isThere).length;
    if (inTree !== expected) problems.push(`${name}: ${inTree} cells in, not ${expected}`);
    if (state === 'active' && level.inserted < all)
      problems.push(`${name} is active with ${level.inserted}/${all}`);
    if ((state === 'active') !== level.isShown && (state === 'active' || OUT.has(state)))
      problems.push(`${name} is ${state}, shown: ${level.isShown}`);
    if (OUT.has(state) && inTree > 0) problems.push(`${name} is ${state} with ${inTree} cells in`);
    const isLoaded = IN_MEMORY.has(state);
    const needed = level.assets.filter((_, i) => isNeeded(level, i)).length;
    if (isLoaded && level.aligned === level.assets.length && level.pinned !== needed)
      problems.push(`${name}: ${level.pinned} pins, not ${needed}`);
    if (isLoaded)
      for (const link of level.links)
        if (!IN_MEMORY.has(stateOf(link)))
          problems.push(`${name} is ${state}, ${link.name}, which it needs, is not loaded`);
    if (state === 'unloaded' && level.pinned > 0) problems.push(`${name} is unloaded and pins`);
    level.assets.forEach((asset, i) => {
      if (level.held?.[i]) pins[asset]!++;
    });
    marked += level.budgetBytes;
  }
  const held = world.payloads.columns.pins;
  for (let asset = 0; asset < ASSETS; asset++)
    if (held[asset] !== pins[asset]) problems.push(`asset ${asset}: ${held[asset]} pins`);
  const budget = world.budget.named.values()[0]!;
  if (budget.usedBytes !== marked) problems.push(`budget: ${budget.usedBytes}, not ${marked}`);
  if (budget.usedBytes > budget.grantedBytes) problems.push('budget: more than granted');
}

/** Levels, what they need and how large the budget is, anew; all are unloaded. */
function arrange({ made, calls, random }: Run): void {
  const { world, levels } = made;
  Object.assign(world.options.levels, {
    stepsPerFrame: 1 + Math.floor(random() ** 2 * 12),
    layerCellsPerFrame: 1 + Math.floor(random() * 12),
    residenceSeconds: random() < 0.7 ? 0 : random() * 0.3,
  });
  world.budget.named.values()[0]?.dispose();
  world.budget.named.create(BUDGET, Math.floor(random() * 8) * ASSET_BYTES, 0);
  for (const { name } of levels) calls.setLevel(name, { dependencies: [], activate: true });
  levels.forEach(({ name }, i) => {
    calls.setLevel(name, {
      dependencies: levels.slice(i + 1).flatMap((other) => (random() < 0.15 ? [other.name] : [])),
      budget: random() < 0.3 ? BUDGET : null,
    });
    calls.showLevel(name);
  });
}

/** @param each called before each frame; true: things are as they should be, so two more are enough */
function frames(
  run: Run,
  count: number,
  each: () => boolean,
  weather = { arrives: 1, fails: 0 },
): void {
  for (let i = 0, calm = 0; i < count && calm < 3 && run.problems.length === 0; i++) {
    calm = each() ? calm + 1 : 0;
    run.made.frame(run.random, weather);
    check(run);
  }
}

/** Where a level is to be once things stay. */
function goalOf(level: Level): string {
  if (strongestWant(level) < 0) return 'unloaded';
  if (level.intent.isHidden) return 'hidden';
  return level.intent.waits && !level.isReleased ? 'loaded' : 'active';
}

/** Pins, a turn for each level along the longest chain, then a step at a time; half a second to stay. */
function boundOf({ made }: Run): number {
  const { stepsPerFrame } = made.world.options.levels;
  const steps = made.levels.reduce(
    (sum, { cells, assets }) => sum + cells.length + assets.length,
    0,
  );
  return 2 * Math.ceil(steps / stepsPerFrame) + 8 * made.levels.length + 15;
}

function playSchedule(run: Run): void {
  const { made, calls, random, problems } = run;
  const { world, levels } = made;
  const startBytes = world.budget.usedBytes;
  arrange(run);
  frames(
    run,
    12,
    () => {
      for (let acts = Math.floor(random() * 4); acts > 0; acts--) act(run);
      return false;
    },
    { arrives: 0.2 + random() * 0.8, fails: random() < 0.5 ? 0 : 0.4 },
  );
  // Things stay, and the weather clears.
  world.budget.named.values()[0]!.bytes = ASSETS * ASSET_BYTES * LEVELS;
  for (const level of levels) findAgain(run, level);
  const isThere = (): boolean =>
    levels.every((level) => stateOf(level) === goalOf(level)) &&
    world.layerShifts.every((one) => one.done === goalOfLayer(run, one));
  frames(run, boundOf(run), () => {
    for (const level of levels) if (stateOf(level) === 'failed') calls.retryLevel(level.name);
    return isThere();
  });
  for (const level of levels)
    if (stateOf(level) !== goalOf(level))
      problems.push(`${level.name} is ${stateOf(level)} in the end, not ${goalOf(level)}`);
  checkLayers(run);
  // Nobody wants anything.
  world.eyes.count = 0;
  levels.forEach((level, i) => {
    if (level.intent.want >= 0) calls.unloadLevel(level.name);
    for (const priority of run.volumes[i]!.splice(0)) removeWant(level, priority);
  });
  frames(run, boundOf(run), () => levels.every((level) => stateOf(level) === 'unloaded'));
  const { state, pins } = world.payloads.columns;
  for (const level of levels)
    if (stateOf(level) !== 'unloaded') problems.push(`${level.name} is still there`);
  if (world.cellTree.size > 0) problems.push(`${world.cellTree.size} cells are still in`);
  if (world.pinnedBytes !== 0) problems.push(`${world.pinnedBytes} bytes are still pinned`);
  for (let row = 0; row < ASSETS; row++) {
    if (pins[row]! > 0 || world.assets.pinnedMasks[row] !== 0) problems.push(`${row} is pinned`);
    // What also stands in the open is for others to keep or evict.
    if (row >= OPEN && state[row] !== PayloadState.Empty && state[row] !== PayloadState.Failed)
      problems.push(`asset ${row} is in state ${state[row]}`);
  }
  const openBytes = world.budget.usedBytes - startBytes;
  if (openBytes > OPEN * ASSET_BYTES) problems.push(`${openBytes} bytes more than before`);
}

/** How many cells of a layer are to be as they are while it is on. */
function goalOfLayer({ made }: Run, { layer, cells }: Pick<LayerShift, 'layer' | 'cells'>): number {
  return made.world.dataLayers.isRowOn(layer) ? cells.length : 0;
}

/** Once things stay, cells are as the layers are, and each level holds what these ask for. */
function checkLayers(run: Run): void {
  const { made, problems } = run;
  const { world, levels } = made;
  for (const { layer, cells, done } of world.layerShifts)
    if (done !== goalOfLayer(run, { layer, cells }))
      problems.push(`layer ${layer} has brought ${done} of ${cells.length} cells`);
  for (const level of levels) {
    if (!IN_MEMORY.has(stateOf(level))) continue;
    const { layered, held } = level;
    level.assets.forEach((asset, i) => {
      const values = layered
        ? [...layered.values.subarray(layered.starts[i]!, layered.starts[i + 1]!)]
        : [];
      const must = values.length === 0 || values.some((value) => world.dataLayers.shows(value));
      if (must !== (held![i] === 1)) problems.push(`${level.name} holds ${asset}: ${!must}`);
    });
  }
}

/** Plays until something is wrong; returns which schedule, and what. */
function playAll(run: Run, count: number): { schedule: number; problems: string[] } {
  for (let schedule = 0; schedule < count; schedule++) {
    try {
      playSchedule(run);
    } catch (error) {
      run.problems.push(String(error));
    }
    if (run.problems.length > 0) return { schedule, problems: run.problems.slice(0, 5) };
  }
  return { schedule: count, problems: [] };
}

const S = { Unloaded: 0, Loading: 1, Loaded: 2, Active: 3, Unloading: 4, Hidden: 5 } as const;

describe('levels under any schedule', () => {
  it(
    'take legal edges only, come within their bound, and leave nothing behind',
    () => {
      const run = makeRun();
      const { schedule, problems } = playAll(run, SCHEDULES);
      expect({ schedule, problems }).toEqual({ schedule: SCHEDULES, problems: [] });
      // The schedules go everywhere there is to go.
      expect([...run.edges].sort()).toEqual([...EDGES].sort());
    },
    PATIENCE_MS,
  );

  const broken: [string, Rule, RegExp][] = [
    [
      'shows a level before all of it is in',
      ({ state }, _, next) => (state === S.Loaded && next === S.Loaded ? S.Active : next),
      /is active with|cannot go/,
    ],
    [
      'forgets that nobody wants a level that loads',
      ({ state }, _, next) => (state === S.Loading && next === S.Unloading ? S.Loading : next),
      /in the end, not unloaded|still there/,
    ],
    [
      'lets a level that turns round load with cells still in',
      ({ state }, _, next) => (state === S.Unloading && next === S.Loaded ? S.Loading : next),
      /is loading with/,
    ],
    [
      'goes from loading to active at once',
      ({ state }, _, next) => (state === S.Loading && next === S.Loaded ? S.Active : next),
      /cannot go from loading to active/,
    ],
  ];

  it.each(broken)('are caught when the machine %s', (_, rule, problem) => {
    machine.rule = rule;
    try {
      const { schedule, problems } = playAll(makeRun(), 2000);
      expect(schedule).toBeLessThan(2000);
      expect(problems.join('; ')).toMatch(problem);
    } finally {
      machine.rule = null;
    }
  });

  it('are caught when levels do not hear of layers', () => {
    machine.isBlind = true;
    try {
      const { schedule, problems } = playAll(makeRun(), 2000);
      expect(schedule).toBeLessThan(2000);
      expect(problems.join('; ')).toMatch(/level-[135] holds \d+/);
    } finally {
      machine.isBlind = false;
    }
  });
});
