/**
 * What the reference simulator gets on the yardsticks: error (%) and error in px, to the digits shown.
 * The harness must get the same. An oracle's two figures are each the best of its schedules.
 */
import type { ReferenceName } from './references/references.ts';

type Cells = Partial<Record<ReferenceName, readonly [errorPercent: number, errorPx: number]>>;

export const YARDSTICK_CELLS: Readonly<Record<string, Cells>> = {
  Y1: {
    oracle: [3.573439, 2.932703],
    oracleH1: [5.234436, 3.389363],
    improvedOracle: [3.320118, 2.846947],
    bc: [5.259012, 3.485718],
    bc2: [5.051097, 3.428233],
    bc2L: [4.963533, 3.461684],
    tiles: [10.635435, 5.801212],
    classic: [23.146864, 12.724358],
    fifo: [44.848346, 29.130529],
  },
  Y2: {
    oracle: [6.607465, 7.322545],
    oracleH1: [8.066437, 7.868477],
    improvedOracle: [6.461505, 7.322545],
    bc: [7.800478, 7.753801],
    bc2: [7.57629, 7.826182],
    bc2L: [6.990296, 7.618911],
    tiles: [18.290998, 12.300634],
    classic: [47.813188, 26.190648],
    fifo: [69.144475, 40.138182],
  },
  Y3: {
    oracle: [2.820934, 0.883257],
    oracleH1: [5.840826, 1.86042],
    improvedOracle: [2.62456, 0.83157],
    bc: [8.689651, 3.774769],
    bc2: [8.145304, 3.638508],
    bc2L: [8.401986, 3.739134],
    tiles: [12.264532, 5.253393],
    classic: [29.108963, 17.111042],
    fifo: [43.962926, 30.54682],
  },
  Y3a: {
    oracle: [2.820934, 0.883257],
    oracleH1: [5.840826, 1.86042],
    improvedOracle: [2.62456, 0.83157],
    bc: [6.324696, 2.059589],
    tiles: [12.264532, 5.253393],
    classic: [29.108963, 17.111042],
    fifo: [43.962926, 30.54682],
  },
  Y4: {
    oracle: [5.636625, 2.515175],
    oracleH1: [8.261352, 3.869449],
    improvedOracle: [5.261082, 2.413521],
    bc: [8.768425, 3.310815],
    bc2: [7.943618, 3.698614],
    bc2L: [8.075687, 3.586386],
    tiles: [15.131933, 8.141657],
    classic: [37.076026, 20.703662],
    fifo: [62.595978, 37.113306],
  },
  Y5: {
    oracle: [3.222227, 2.014227],
    oracleH1: [5.713219, 2.422275],
    improvedOracle: [2.861637, 1.780839],
    bc: [5.951334, 2.981037],
    bc2: [4.511401, 2.611091],
    bc2L: [4.521309, 2.746767],
    tiles: [13.705037, 6.854784],
    classic: [39.626046, 22.899644],
    fifo: [64.85824, 41.415726],
  },
  Y6: {
    oracle: [8.088209, 5.155563],
    oracleH1: [11.129107, 6.384467],
    improvedOracle: [7.898276, 5.155563],
    bc: [11.899326, 6.680544],
    bc2: [11.185092, 6.519894],
    bc2L: [10.86818, 6.442421],
    tiles: [20.327148, 11.299097],
    classic: [53.051631, 31.442143],
    fifo: [82.714403, 50.165385],
  },
  Y7: {
    oracle: [3.733834, 2.894551],
    oracleH1: [4.312449, 3.03899],
    improvedOracle: [3.160634, 1.863868],
    bc: [4.224999, 3.472228],
    bc2: [3.80031, 3.245061],
    bc2L: [3.809021, 3.267514],
    tiles: [16.181275, 7.30102],
    classic: [32.094756, 16.87654],
    fifo: [55.055488, 32.004363],
  },
  Y8: {
    oracle: [5.036628, 6.311939],
    oracleH1: [5.262222, 6.349597],
    improvedOracle: [5.036628, 6.311939],
    bc: [6.417932, 6.03733],
    bc2: [6.428938, 6.758026],
    bc2L: [6.466903, 6.746115],
    tiles: [6.265652, 6.818842],
    classic: [24.692863, 13.93042],
    fifo: [81.414701, 49.552982],
  },
};

/**
 * No policy whatsoever gets below this error (%): Lagrangian bounds with bandwidth, slots and memory
 * priced by window. They are loose, and say only that 0 is out of reach.
 */
export const LOWER_BOUND_PERCENT: Readonly<Record<string, number>> = {
  Y1: 1.38,
  Y2: 2.31,
  Y3: 0.45,
  Y4: 1.61,
  Y5: 0.62,
  Y6: 3.32,
  Y7: 0.57,
  Y8: 1.11,
};
