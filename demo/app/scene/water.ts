/**
 * The sea: one flat disc that follows the camera. Waves are slopes only; each wavelength fades out
 * before it would flicker in the distance. The picture of its depth gives shallows and surf.
 */
import { CircleGeometry, DataTexture, Mesh, ShaderMaterial, type Texture } from 'three';
import { ATMOSPHERE_GLSL } from './atmosphere.ts';
import { NOISE_GLSL } from './noise.ts';

/** Beyond this the haze hides everything. */
const RADIUS_METERS = 26_000;

export interface WaterOptions {
  levelMeters: number;
  /** Side of the world that the depth picture covers. */
  sizeMeters: number;
  depthRangeMeters: number;
  /** Null: deep everywhere. */
  depth: Texture | null;
}

export interface Water {
  readonly mesh: Mesh;
  update(seconds: number, eye: { x: number; z: number }): void;
}

export function createWater(options: WaterOptions): Water {
  const material = new ShaderMaterial({
    transparent: true,
    depthWrite: false,
    uniforms: {
      seconds: { value: 0 },
      depthMap: { value: options.depth ?? deepEverywhere() },
      sizeMeters: { value: options.sizeMeters },
      depthRange: { value: options.depthRangeMeters },
    },
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
  });
  const geometry = new CircleGeometry(RADIUS_METERS, 64).rotateX(-Math.PI / 2);
  const mesh = new Mesh(geometry, material);
  mesh.name = 'sea';
  mesh.frustumCulled = false;
  mesh.position.y = options.levelMeters;
  return {
    mesh,
    update(seconds, eye) {
      material.uniforms['seconds']!.value = seconds;
      mesh.position.x = eye.x;
      mesh.position.z = eye.z;
    },
  };
}

function deepEverywhere(): DataTexture {
  const texture = new DataTexture(new Uint8Array([255, 255, 255, 255]), 1, 1);
  texture.needsUpdate = true;
  return texture;
}

const VERTEX = /* glsl */ `
varying vec3 vWorld;
void main() {
  vec4 world = modelMatrix * vec4(position, 1.0);
  vWorld = world.xyz;
  gl_Position = projectionMatrix * viewMatrix * world;
}`;

const FRAGMENT = /* glsl */ `
uniform float seconds;
uniform sampler2D depthMap;
uniform float sizeMeters;
uniform float depthRange;
varying vec3 vWorld;
${ATMOSPHERE_GLSL}
${NOISE_GLSL}

/** Slope of the surface; waves too fine for the distance are left out. */
vec2 waveSlope(vec2 p, float range) {
  vec2 slope = vec2(0.0);
  vec2 direction = vec2(0.83, 0.56);
  float k = 0.27;
  float steep = 0.044;
  // Warped, so that crests break off instead of running on for ever.
  p += 2.6 * vec2(valueNoise(p * 0.09 + seconds * 0.13), valueNoise(p.yx * 0.11 - seconds * 0.11));
  p += 0.8 * vec2(valueNoise(p.yx * 0.45 - seconds * 0.2), valueNoise(p * 0.41 + seconds * 0.23));
  for (int wave = 0; wave < 8; wave++) {
    float visible = 1.0 - smoothstep(120.0, 420.0, range * k);
    slope += direction * cos(dot(direction, p) * k - seconds * sqrt(9.81 * k)) * steep * visible;
    direction = mat2(0.267, 0.964, -0.964, 0.267) * direction;
    k *= 1.57;
    steep *= 0.93;
  }
  return slope;
}

void main() {
  vec3 offset = vWorld - cameraPosition;
  float range = length(offset);
  vec3 view = -offset / range;
  vec2 uv = vWorld.xz / sizeMeters + 0.5;
  bool isNear = all(lessThan(abs(uv - 0.5), vec2(0.499)));
  float depth = isNear ? texture2D(depthMap, uv).r * depthRange : depthRange;

  vec2 slope = waveSlope(vWorld.xz, range) * mix(0.35, 1.0, smoothstep(0.0, 4.0, depth));
  vec3 normal = normalize(vec3(-slope.x, 1.0, -slope.y));
  float facing = max(dot(normal, view), 0.0);
  float fresnel = 0.02 + 0.98 * pow(1.0 - facing, 5.0);
  // Waves that are left out still turn the surface towards the eye.
  fresnel *= mix(1.0, 0.62, smoothstep(200.0, 2500.0, range));

  vec3 mirrored = reflect(-view, normal);
  mirrored.y = abs(mirrored.y);
  vec3 reflected = skyColor(normalize(mirrored));
  float toSun = max(dot(normalize(mirrored), SUN_DIRECTION), 0.0);
  vec3 glint = vec3(1.0, 0.90, 0.72) * (pow(toSun, 420.0) * 9.0 + pow(toSun, 60.0) * 0.35);

  vec3 deep = vec3(0.006, 0.052, 0.085);
  vec3 shallow = vec3(0.045, 0.26, 0.27);
  vec3 body = mix(shallow, deep, 1.0 - exp(-depth * 0.22));
  vec3 color = mix(body, reflected, fresnel) + glint;
  float cover = mix(1.0 - exp(-depth * 0.42), 1.0, fresnel);

  if (isNear && depth < 2.2 && range < 2500.0) {
    float grain = valueNoise(vWorld.xz * 0.9 + seconds * 0.25) * 0.6 + valueNoise(vWorld.xz * 2.7 - seconds * 0.4) * 0.4;
    float swash = 0.55 + 0.45 * sin(seconds * 0.9 + valueNoise(vWorld.xz * 0.05) * 9.0 - depth * 3.0);
    float foam = smoothstep(0.35, 0.75, grain) * smoothstep(1.7, 0.15, depth) * swash;
    foam = max(foam, smoothstep(0.28, 0.05, depth) * 0.75 * smoothstep(0.2, 0.5, grain));
    foam *= 1.0 - smoothstep(1200.0, 2500.0, range);
    color = mix(color, vec3(0.92, 0.95, 0.96), foam);
    cover = max(cover, foam * 0.9);
  }
  gl_FragColor = vec4(throughAir(color, offset), cover);
  #include <tonemapping_fragment>
  #include <colorspace_fragment>
}`;
