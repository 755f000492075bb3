/** The scorer `classic`: importance × distance × in view × ahead; coarse first, one step at a time. */
import type { Scorer } from '../../memory/scorer.ts';
import { scoreNextLod } from './ladder.ts';

export const classicScorer: Scorer = {
  name: 'classic',
  score(columns, out) {
    for (let row = 0; row < columns.count; row++)
      scoreNextLod(columns, row, columns.classic[row]!, out);
  },
};
