/**
 * What the demo changes about streamed materials: leaves let light through and keep their edges,
 * and the ground gets grain that no texture of four kilometers could hold.
 */
import { type Material, MeshStandardMaterial } from 'three';
import type { OnMaterial } from '../../../src/render/index.ts';
import { NOISE_GLSL } from './noise.ts';
import { letSnow } from './snow.ts';

/** The hook for `createThreeView`. */
export function tuneMaterials(antialias: boolean): OnMaterial {
  return (material, record, { label }) => {
    if (label.startsWith('terrain')) roughenGround(material);
    else if (record.alphaMode === 'mask') softenLeaves(material, antialias);
    if (!isIndoors(label)) whiten(material);
    return undefined;
  };
}

const isIndoors = (label: string): boolean => /^(room|table)-/.test(label);

/** What stands outside carries snow in winter. */
function whiten(material: Material): void {
  const before = material.onBeforeCompile;
  const key = material.customProgramCacheKey();
  material.onBeforeCompile = (shader, renderer) => {
    before.call(material, shader, renderer);
    letSnow(shader);
  };
  material.customProgramCacheKey = () => `${key} snow`;
}

/** Mip maps average the cut-out away; a low threshold keeps far crowns full. */
function softenLeaves(material: Material, antialias: boolean): void {
  material.alphaToCoverage = antialias;
  material.alphaTest = antialias ? 0.28 : 0.4;
}

/** Albedo noise in world space, three octaves, each fading with distance before it would flicker. */
function roughenGround(material: Material): void {
  if (!(material instanceof MeshStandardMaterial)) return;
  material.roughness = 1;
  material.onBeforeCompile = (shader) => {
    shader.vertexShader = shader.vertexShader
      .replace('#include <common>', '#include <common>\nvarying vec3 vGround;')
      .replace(
        '#include <project_vertex>',
        `#include <project_vertex>
  vec4 groundPosition = vec4(transformed, 1.0);
  #ifdef USE_INSTANCING
    groundPosition = instanceMatrix * groundPosition;
  #endif
  vGround = (modelMatrix * groundPosition).xyz;`,
      );
    shader.fragmentShader = shader.fragmentShader
      .replace('#include <common>', `#include <common>\nvarying vec3 vGround;\n${NOISE_GLSL}`)
      .replace(
        '#include <map_fragment>',
        `#include <map_fragment>
  float groundRange = distance(vGround, cameraPosition);
  float grain = 0.0;
  grain += (valueNoise(vGround.xz * 0.045) - 0.5) * 0.32;
  grain += (valueNoise(vGround.xz * 0.31) - 0.5) * 0.42 * (1.0 - smoothstep(300.0, 1400.0, groundRange));
  grain += (valueNoise(vGround.xz * 1.9) - 0.5) * 0.5 * (1.0 - smoothstep(60.0, 260.0, groundRange));
  grain += (valueNoise(vGround.xz * 9.0) - 0.5) * 0.42 * (1.0 - smoothstep(12.0, 60.0, groundRange));
  diffuseColor.rgb *= 1.0 + grain;`,
      );
  };
  material.customProgramCacheKey = () => 'ground';
}
