/** One color per LOD, finest first, in the histogram and on the map. */
export const LOD_COLORS: readonly string[] = [
  '#ffe08a',
  '#ffb257',
  '#ef7f5b',
  '#b06fd8',
  '#5c86e6',
];

/** The same as red, green, blue. */
export const LOD_RGB: readonly (readonly [number, number, number])[] = LOD_COLORS.map((color) => [
  Number.parseInt(color.slice(1, 3), 16),
  Number.parseInt(color.slice(3, 5), 16),
  Number.parseInt(color.slice(5, 7), 16),
]);
