/** The scorer `distance`: the nearest asset first; coarse first, one step at a time. */
import type { Scorer } from '../../memory/scorer.ts';
import { scoreNextLod } from './ladder.ts';

export const distanceScorer: Scorer = {
  name: 'distance',
  score(columns, out) {
    for (let row = 0; row < columns.count; row++)
      scoreNextLod(columns, row, 1 / (1 + columns.distances[row]!), out);
  },
};
