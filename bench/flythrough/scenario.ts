/** What is flown: the yardstick scenarios, and how a scenario becomes a world with its budgets. */
import { makePath, type Path, type PathKind } from './path.ts';
import { seePath, type Visibility } from './visibility.ts';
import { makeWorld, type World } from './world.ts';

export interface Scenario {
  id: string;
  kind: PathKind;
  seed: number;
  /** Bandwidth by the rate at which the flight first needs bytes. */
  bandwidthScale: number;
  /** Memory by the bytes that 95 % of the frames show at most. */
  memoryScale: number;
  latencyS: number;
  concurrency: number;
  /** Jumps are announced this long before (s); 0 is never. */
  announceS: number;
}

export const SCENARIO_DEFAULTS: Omit<Scenario, 'id' | 'kind'> = {
  seed: 1,
  bandwidthScale: 1,
  memoryScale: 1.5,
  latencyS: 0.06,
  concurrency: 8,
  announceS: 0,
};

const yardstick = (id: string, kind: PathKind, changes: Partial<Scenario> = {}): Scenario => ({
  ...SCENARIO_DEFAULTS,
  id,
  kind,
  ...changes,
});

/** The yardsticks that the gates are about. */
export const YARDSTICKS: readonly Scenario[] = [
  yardstick('Y1', 'drive'),
  yardstick('Y2', 'spin'),
  yardstick('Y3', 'teleport'),
  yardstick('Y3a', 'teleport', { announceS: 2 }),
  yardstick('Y4', 'pingpong', { memoryScale: 0.5 }),
  yardstick('Y5', 'fly'),
  yardstick('Y6', 'drive', { bandwidthScale: 0.5, memoryScale: 0.5 }),
  yardstick('Y7', 'spin', { bandwidthScale: 3 }),
  yardstick('Y8', 'straight'),
];

/** A scenario with everything the harness needs to fly it. Never handed to a subject. */
export interface Prepared {
  scenario: Scenario;
  world: World;
  path: Path;
  visibility: Visibility;
  bandwidthBytesPerS: number;
  budgetBytes: number;
}

/** Makes the world and path of a scenario and looks along it. */
export function prepareScenario(scenario: Scenario): Prepared {
  const world = makeWorld(scenario.seed);
  const path = makePath(scenario.kind, scenario.seed);
  const visibility = seePath(world, path);
  return {
    scenario,
    world,
    path,
    visibility,
    bandwidthBytesPerS: Math.round(visibility.demandBytesPerS * scenario.bandwidthScale),
    budgetBytes: Math.round(visibility.visibleBytesP95 * scenario.memoryScale),
  };
}
