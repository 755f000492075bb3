/**
 * One description of the air for everything that is drawn: sky dome, distance haze and the sea's
 * reflection all call the same GLSL function, so that far land melts into exactly the sky behind it.
 *
 * Haze is the analytic integral of a density that falls off with height. three.js mixes fog in after
 * tone mapping; here it goes in before, as light, which is why the chunks are replaced.
 * Based on: I. Quilez, "Better fog" (the integral); the sky is a fit by eye, not a simulation.
 */
import { FogExp2, type Scene, ShaderChunk, Vector3 } from 'three';

/** Unit vector towards the sun: a warm afternoon, 28° high. */
export const SUN_DIRECTION: Vector3 = new Vector3(-0.62, 0.53, 0.58).normalize();

/** Haze at sea level (per meter) and the height in which it thins out to 1/e (meters). */
const HAZE_PER_METER = 0.00015;
const HAZE_HEIGHT_METERS = 320;

const vector = ({ x, y, z }: Vector3): string =>
  `vec3(${x.toFixed(6)}, ${y.toFixed(6)}, ${z.toFixed(6)})`;

/** `skyColor(direction)` and `throughAir(color, offset)`, linear light; needs `cameraPosition`. */
export const ATMOSPHERE_GLSL: string = /* glsl */ `
#ifndef FARFIELD_ATMOSPHERE
#define FARFIELD_ATMOSPHERE
const vec3 SUN_DIRECTION = ${vector(SUN_DIRECTION)};

vec3 skyColor(vec3 direction) {
  float up = max(direction.y, 0.0);
  float toSun = max(dot(direction, SUN_DIRECTION), 0.0);
  vec3 zenith = vec3(0.060, 0.185, 0.56);
  vec3 middle = vec3(0.20, 0.46, 0.92);
  vec3 horizon = vec3(0.66, 0.83, 1.02);
  vec3 color = mix(horizon, middle, 1.0 - exp(-7.0 * up));
  color = mix(color, zenith, 1.0 - exp(-1.7 * up));
  float low = exp(-4.0 * up);
  vec3 warm = vec3(1.0, 0.76, 0.50);
  color += warm * (0.20 * pow(toSun, 4.0) * (0.3 + 0.7 * low) + 0.16 * pow(toSun, 32.0));
  return color;
}

vec3 throughAir(vec3 color, vec3 offset) {
  float range = length(offset);
  vec3 direction = offset / max(range, 1e-3);
  float fall = direction.y * range / ${HAZE_HEIGHT_METERS.toFixed(1)};
  float mean = abs(fall) < 1e-3 ? 1.0 : (1.0 - exp(-fall)) / fall;
  float density = ${HAZE_PER_METER.toFixed(7)} * exp(-max(cameraPosition.y, 0.0) / ${HAZE_HEIGHT_METERS.toFixed(1)});
  float clear = exp(-density * mean * range);
  vec3 air = skyColor(normalize(vec3(direction.x, max(direction.y, 0.0) + 0.015, direction.z)));
  return mix(air * vec3(0.93, 0.97, 1.0), color, clear);
}
#endif
`;

let isInstalled = false;

/** Makes every fogged material of `scene` use this air. */
export function installAtmosphere(scene: Scene): void {
  scene.fog = new FogExp2(0xffffff, HAZE_PER_METER);
  if (isInstalled) return;
  isInstalled = true;
  ShaderChunk.fog_pars_vertex = /* glsl */ `
#ifdef USE_FOG
  varying vec3 vAirOffset;
#endif
`;
  ShaderChunk.fog_vertex = /* glsl */ `
#ifdef USE_FOG
  vAirOffset = (vec4(mvPosition.xyz, 0.0) * viewMatrix).xyz;
#endif
`;
  ShaderChunk.fog_pars_fragment = /* glsl */ `
#ifdef USE_FOG
  varying vec3 vAirOffset;
  ${ATMOSPHERE_GLSL}
#endif
`;
  ShaderChunk.fog_fragment = '';
  ShaderChunk.opaque_fragment += /* glsl */ `
#ifdef USE_FOG
  gl_FragColor.rgb = throughAir(gl_FragColor.rgb, vAirOffset);
#endif
`;
}
