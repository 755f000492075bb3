/** The sky dome: the atmosphere's own color, a sun, and two layers of drifting clouds. */
import { BackSide, Mesh, ShaderMaterial, SphereGeometry } from 'three';
import { ATMOSPHERE_GLSL } from './atmosphere.ts';
import { NOISE_GLSL } from './noise.ts';

export interface Sky {
  readonly mesh: Mesh;
  /** Moves the clouds to where they are after so many seconds. */
  update(seconds: number): void;
}

export function createSky(): Sky {
  const material = new ShaderMaterial({
    side: BackSide,
    depthWrite: false,
    uniforms: { seconds: { value: 0 } },
    vertexShader: /* glsl */ `
varying vec3 vDirection;
void main() {
  vDirection = position;
  vec4 clip = projectionMatrix * vec4(mat3(viewMatrix) * position, 1.0);
  gl_Position = clip.xyww;
}`,
    fragmentShader: /* glsl */ `
uniform float seconds;
varying vec3 vDirection;
${ATMOSPHERE_GLSL}
${NOISE_GLSL}

float fractal(vec2 p) {
  float sum = 0.0;
  float weight = 0.5;
  for (int octave = 0; octave < 5; octave++) {
    sum += weight * valueNoise(p);
    p = mat2(1.6, 1.2, -1.2, 1.6) * p + 7.3;
    weight *= 0.5;
  }
  return sum;
}

void main() {
  vec3 direction = normalize(vDirection);
  vec3 color = skyColor(direction);
  float toSun = max(dot(direction, SUN_DIRECTION), 0.0);
  if (direction.y > 0.012) {
    vec2 at = direction.xz / (direction.y + 0.07);
    vec2 wind = vec2(seconds * 0.006, seconds * 0.002);
    float heap = fractal(at * 0.85 + wind);
    float cover = smoothstep(0.47, 0.74, heap);
    float lit = fractal(at * 0.85 + wind + SUN_DIRECTION.xz * 0.16);
    float shade = clamp(0.5 + (heap - lit) * 2.4, 0.0, 1.0);
    float veil = smoothstep(0.38, 0.9, fractal(at * vec2(0.25, 0.7) - wind * 1.7 + 31.0)) * 0.35;
    vec3 bright = vec3(1.55, 1.48, 1.38) + vec3(1.0, 0.8, 0.55) * pow(toSun, 10.0) * 0.9;
    vec3 cloud = mix(vec3(0.62, 0.70, 0.83), bright, shade);
    float fade = smoothstep(0.012, 0.16, direction.y);
    color = mix(color, vec3(1.25, 1.26, 1.3), veil * fade);
    color = mix(color, cloud, cover * 0.9 * fade);
    color += vec3(1.0, 0.93, 0.80) * 24.0 * smoothstep(0.99968, 0.99986, toSun) * (1.0 - cover * 0.9);
  }
  gl_FragColor = vec4(color, 1.0);
  #include <tonemapping_fragment>
  #include <colorspace_fragment>
}`,
  });
  const mesh = new Mesh(new SphereGeometry(1, 32, 20), material);
  mesh.name = 'sky';
  mesh.frustumCulled = false;
  // After everything opaque, so that only what stays uncovered is shaded.
  mesh.renderOrder = 10;
  return {
    mesh,
    update(seconds) {
      material.uniforms['seconds']!.value = seconds;
    },
  };
}
