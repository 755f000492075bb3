/** Snow on all that faces the sky: one number for every streamed material, from 0 (none) to 1. */
import type { IUniform, WebGLProgramParametersWithUniforms } from 'three';

/** In which it covers the land. */
const SECONDS = 2.5;

const cover: IUniform<number> = { value: 0 };

/** Adds the cover to a physical material's program. */
export function letSnow(shader: WebGLProgramParametersWithUniforms): void {
  shader.uniforms['snowCover'] = cover;
  shader.fragmentShader = shader.fragmentShader
    .replace('#include <common>', '#include <common>\nuniform float snowCover;')
    .replace(
      '#include <normal_fragment_maps>',
      `#include <normal_fragment_maps>
  float facesSky = smoothstep(0.3, 0.75, (vec4(normal, 0.0) * viewMatrix).y);
  diffuseColor.rgb = mix(diffuseColor.rgb, vec3(0.86, 0.9, 0.96), 0.92 * snowCover * facesSky);`,
    );
}

/** Moves towards the season; call each frame. */
export function updateSnow(isWinter: boolean, dtSeconds: number): void {
  const step = dtSeconds / SECONDS;
  cover.value = Math.min(1, Math.max(0, cover.value + (isWinter ? step : -step)));
}
