/** What may be chosen of the prediction, and what is refused. */
import { describe, expect, it } from 'vitest';
import { type PredictionOptions, resolvePrediction } from '../../src/spatial/prediction-options.ts';

const weightsOf = (options: PredictionOptions) => [...resolvePrediction(options).weights];
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

describe('resolvePrediction', () => {
  it('has the horizons and weights of the measured policy', () => {
    const { horizonsSeconds, weights } = resolvePrediction();
    expect([...horizonsSeconds]).toEqual([0, 0.4, 0.9, 1.6]);
    expect([...weights]).toEqual([0.35, 0.3, 0.22, 0.13].map((value) => expect.closeTo(value, 9)));
  });

  it('takes weights by their proportions', () => {
    expect(weightsOf({ horizonsSeconds: [0, 1], weights: [3, 1] })).toEqual([0.75, 0.25]);
    expect(weightsOf({ weights: [7, 6, 4.4, 2.6] })[0]).toBeCloseTo(0.35, 9);
  });

  it('weighs horizons of your own by how far off they are', () => {
    const weights = weightsOf({ horizonsSeconds: [0, 0.4, 0.9, 1.6, 3] });
    expect(sum(weights)).toBeCloseTo(1, 12);
    for (let i = 1; i < weights.length; i++) expect(weights[i]).toBeLessThan(weights[i - 1]!);
  });

  it('counts frames', () => {
    const { horizonsSeconds, framesAhead } = resolvePrediction({ framesAhead: 8 });
    expect(framesAhead).toBe(8);
    expect([...horizonsSeconds]).toEqual([0, expect.closeTo(8 / 60, 9)]);
    expect(weightsOf({ framesAhead: 8, weights: [1, 1] })).toEqual([0.5, 0.5]);
  });

  const refused: [string, unknown, RegExp][] = [
    ['no object', 8, /prediction must be an object of options, got 8/],
    ['both ways at once', { framesAhead: 8, horizonsSeconds: [0] }, /not both/],
    ['no horizon', { horizonsSeconds: [] }, /must be 1 to 8 numbers, got \[\]/],
    ['too many', { horizonsSeconds: [0, 1, 2, 3, 4, 5, 6, 7, 8] }, /must be 1 to 8 numbers/],
    ['no list', { horizonsSeconds: 1 }, /must be 1 to 8 numbers, got 1/],
    [
      'no now',
      { horizonsSeconds: [0.5, 1] },
      /must begin with 0 \(now\) and ascend, got \[0.5,1\]/,
    ],
    ['a step back', { horizonsSeconds: [0, 1, 0.5] }, /ascend/],
    [
      'the far future',
      { horizonsSeconds: [0, 31] },
      /horizonsSeconds\[1\] must be .* to 30, got 31/,
    ],
    ['no number', { horizonsSeconds: [0, '1'] }, /horizonsSeconds\[1\] must be a number/],
    ['no frame', { framesAhead: 0 }, /framesAhead must be a number from 1 to 600, got 0/],
    ['too few weights', { weights: [1, 1] }, /weights must be 4 numbers, one per horizon/],
    ['too many weights', { framesAhead: 8, weights: [1, 1, 1] }, /weights must be 2 numbers/],
    ['a negative weight', { weights: [1, -1, 1, 1] }, /weights\[1\] must be a number from 0/],
    ['no weight at all', { weights: [0, 0, 0, 0] }, /must not all be 0/],
    [
      'no acceleration',
      { maxAccelerationMetersPerSecond2: 0 },
      /MetersPerSecond2 must be a number/,
    ],
    ['a word', { lookAround: 'yes' }, /lookAround must be true or false, got "yes"/],
  ];
  it.each(refused)('refuses %s', (_name, options, message) => {
    expect(() => resolvePrediction(options as PredictionOptions)).toThrow(message);
  });
});
