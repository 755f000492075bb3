/**
 * What the reference simulator's worlds, paths and visibility are: the first 16 digits of a SHA-256
 * over their columns, each value rounded to 1e-6. Sine and logarithm are not specified to the last bit,
 * so unrounded values could differ between engines.
 */

/** By seed. */
export const WORLDS: Readonly<Record<string, string>> = {
  '1': '1c53b787d59a766a',
  '2': '131fc5935786b4ac',
  '11': 'ab7653a9b9e0b8eb',
  '301': 'f1b1d82e88a90b51',
};

/** By kind and seed. */
export const PATHS: Readonly<Record<string, string>> = {
  'straight/1': '5f28afa727afaced',
  'drive/1': '0dddb601fc8cc840',
  'spin/1': '26bd45a0618df322',
  'teleport/1': '1a90dcb36cbb18b3',
  'pingpong/1': 'a6d01a4a14b03fa8',
  'fly/1': '95b441bbb90935f1',
  'human/1': 'cda189ed3917d90b',
  'straight/2': '7d64fe68766e8f4c',
  'drive/2': '611dfd5775aec4af',
  'spin/2': '07beaa1d2c9769a1',
  'teleport/2': '9a491d31b9a66db8',
  'pingpong/2': 'd6b587408ecba1d2',
  'fly/2': '0e4ff3783399935e',
  'human/2': '9b508add3b47c862',
  'straight/11': '5a34e7c37430650d',
  'drive/11': '6b035d35e85bdf58',
  'spin/11': 'e840816caa0dfca2',
  'teleport/11': '3d9569d2e915b921',
  'pingpong/11': '01e7f391a1bb353e',
  'fly/11': 'c384b19d5dc9702d',
  'human/11': '2123c1831d1d9df7',
  'straight/301': 'f8ebe3d0c0f5fa90',
  'drive/301': '2cae398060b844e8',
  'spin/301': '2aae9a2c7e4ee990',
  'teleport/301': 'e5437af3947b5d96',
  'pingpong/301': 'd0386d192a8e98f6',
  'fly/301': '0d2d89203bc637d8',
  'human/301': '1d0a610af51d4978',
};

/** By kind and seed: demand (bytes/s), bytes visible in 95 % of the frames, and two fingerprints. */
export const SIGHTS: Readonly<Record<string, readonly [number, number, string, string]>> = {
  'drive/1': [14250489.6, 92647558, '8cda149765e54254', '475bf2f8bd028779'],
  'human/11': [6624002.025, 74490531, '4db4e652d7f05e1a', '1dc1c742203fb2ba'],
};
