/** Runs the chosen scorer, and sees to it that a bad one does no harm. */
import { describe } from '../../base/assert.ts';
import { MAX_LODS } from '../../base/limits.ts';
import { MAX_SCORE, type Scorer } from '../../memory/scorer.ts';
import { ScorerTable } from '../../memory/scorer-table.ts';
import type { StreamWorld } from '../../world.ts';
import { classicScorer } from './classic.ts';
import { distanceScorer } from './distance.ts';
import { fillColumns } from './fill-columns.ts';

/** The scorer in use; null = by value, which needs no table. */
export function scorerOf({ options }: StreamWorld): Scorer | null {
  if (options.scorer === 'value') return null;
  if (options.scorer === 'classic') return classicScorer;
  if (options.scorer === 'distance') return distanceScorer;
  return options.scorer;
}

/** Scores of the LODs of all assets, five a row; null = order by value this time. */
export function scoreAssets(world: StreamWorld): Float64Array | null {
  const scorer = scorerOf(world);
  if (!scorer) return null;
  const { scoring } = world;
  let problem: string;
  let cause: unknown;
  try {
    fillColumns(world, scoring.table);
    const { scores } = scoring.table;
    scoring.isRunning = true;
    scorer.score(scoring.table, scores);
    problem = problemOf(world, scores);
    if (problem === '') return scores;
  } catch (error) {
    cause = error;
    problem = `threw ${error instanceof Error ? error.message : describe(error)}`;
  } finally {
    scoring.isRunning = false;
  }
  // It may have done anything to its arrays, such as giving them away.
  scoring.table = new ScorerTable();
  if (!scoring.hasFailed) report(world, scorer, problem, cause);
  scoring.hasFailed = true;
  return null;
}

function report(world: StreamWorld, scorer: Scorer, problem: string, cause: unknown): void {
  const message =
    `farfield: the scorer "${scorer.name}" ${problem}; ` +
    'candidates are ordered by value whenever it does (this is told once)';
  world.events.emit('listenerFailed', { event: 'scorer', error: new Error(message, { cause }) });
}

/** What is wrong with the scores, '' when nothing is. */
function problemOf({ assets }: StreamWorld, scores: Float64Array): string {
  for (let at = 0; at < assets.count * MAX_LODS; at++) {
    const score = scores[at]!;
    if (score >= 0 && score <= MAX_SCORE) continue;
    const what = `${assets.names[Math.floor(at / MAX_LODS)]} LOD ${at % MAX_LODS}`;
    return `gave ${what} the score ${score}; expected a number from 0 to ${MAX_SCORE}`;
  }
  return '';
}
