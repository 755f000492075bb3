/** Subjects that must fail: a gate that nothing trips would prove nothing. */
import { flyOrders } from './crew.ts';
import { GATE_LIMITS, type GateName, judge } from './gates.ts';
import { flyAll } from './measure.ts';
import { makeRow } from './report.ts';
import { SCENARIO_DEFAULTS, type Scenario, YARDSTICKS } from './scenario.ts';

interface Control {
  name: string;
  /** Flown instead of `BASELINE`. */
  subject: string;
  scenarios: (scenario: Scenario) => boolean;
  /** Gates that it must trip and that `BASELINE` passes on the same scenarios. */
  gates: readonly GateName[];
}

/** What is like the subject of each control but for the fault. */
const BASELINE = 'plugin';

const isSteady = ({ kind }: Scenario): boolean => kind !== 'teleport';

const CONTROLS: readonly Control[] = [
  {
    name: 'the classic score',
    subject: 'classic',
    scenarios: isSteady,
    gates: ['geomeanRatioToOracle', 'worstRatioToOracle', 'geomeanToTiles', 'geomeanToClassic'],
  },
  {
    name: 'the plugin with the classic score',
    subject: 'plugin:classic',
    scenarios: isSteady,
    gates: ['geomeanRatioToOracle', 'worstRatioToOracle'],
  },
  {
    name: 'the plugin with the present pose alone, where the view turns',
    subject: 'plugin:present',
    scenarios: ({ kind }) => kind === 'spin' || kind === 'drive',
    gates: ['geomeanRatioToOracle'],
  },
  {
    name: 'first come, first served',
    subject: 'fifo',
    scenarios: isSteady,
    gates: ['geomeanRatioToOracle', 'worstRatioToOracle', 'geomeanToTiles', 'geomeanToClassic'],
  },
  {
    name: 'eviction by heat, Y4 and Y6',
    subject: 'heat',
    scenarios: ({ id }) => id === 'Y4' || id === 'Y6',
    gates: ['worstRatioToOracle'],
  },
  {
    name: 'one byte over the budget in one frame, Y1',
    subject: 'overshoot',
    scenarios: ({ id }) => id === 'Y1',
    gates: ['overBudgetFrames'],
  },
];

export interface ControlResult {
  name: string;
  isCaught: boolean;
  /** What caught it, or what did not. */
  detail: string;
}

/** Flies everything that must fail, and says of each whether it did. */
export async function flyControls(fresh: boolean): Promise<ControlResult[]> {
  const results: ControlResult[] = [];
  for (const control of CONTROLS) results.push(await flyControl(control, fresh));
  results.push(await flyCheat());
  return results;
}

async function flyControl(
  { name, subject, scenarios: isWanted, gates }: Control,
  fresh: boolean,
): Promise<ControlResult> {
  const scenarios = YARDSTICKS.filter(isWanted);
  const trippedBy = async (flownSubject: string): Promise<GateName[]> => {
    const flown = await flyAll({
      scenarios,
      references: ['oracle', 'oracleH1', 'tiles', 'classic'],
      subject: flownSubject,
      repeats: false,
      fresh,
    });
    const verdicts = judge(scenarios.map((scenario, i) => makeRow(scenario, flown[i]!)));
    return verdicts.filter(({ isPassed }) => !isPassed).map((verdict) => verdict.name);
  };
  const [faulty, sound] = [await trippedBy(subject), await trippedBy(BASELINE)];
  const missed = gates.filter((gate) => !faulty.includes(gate) || sound.includes(gate));
  const limits = gates.map((gate) => `${gate} ≤ ${GATE_LIMITS[gate]}`).join(', ');
  return {
    name,
    isCaught: missed.length === 0,
    detail:
      missed.length === 0 ? `trips ${limits}` : `does not tell it apart: ${missed.join(', ')}`,
  };
}

/** A subject that looks for the path must come away with nothing. */
async function flyCheat(): Promise<ControlResult> {
  const name = 'a subject that looks for the path';
  const scenario: Scenario = { ...SCENARIO_DEFAULTS, id: 'cheat', kind: 'straight' };
  const order = { scenario, references: [], subject: 'cheat', repeats: false };
  try {
    await flyOrders([order]);
    return { name, isCaught: false, detail: 'it flew' };
  } catch (error) {
    const [detail] = String((error as Error).message).split('\n');
    return { name, isCaught: /there is no path in anything/.test(detail!), detail: detail! };
  }
}
