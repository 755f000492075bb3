/**
 * `valueNoise(vec2)` in [0, 1]: smooth, repeatable, and without a sine, whose last bits differ from
 * one GPU to the next.
 */
export const NOISE_GLSL: string = /* glsl */ `
#ifndef FARFIELD_NOISE
#define FARFIELD_NOISE
float latticeValue(vec2 p) {
  vec3 q = fract(vec3(p.xyx) * 0.1031);
  q += dot(q, q.yzx + 33.33);
  return fract((q.x + q.y) * q.z);
}

float valueNoise(vec2 p) {
  vec2 cell = floor(p);
  vec2 f = fract(p);
  vec2 s = f * f * (3.0 - 2.0 * f);
  float low = mix(latticeValue(cell), latticeValue(cell + vec2(1.0, 0.0)), s.x);
  float high = mix(latticeValue(cell + vec2(0.0, 1.0)), latticeValue(cell + vec2(1.0)), s.x);
  return mix(low, high, s.y);
}
#endif
`;
