/** Builds one model of the catalog and writes its GLB. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeModel } from '../mesh/glb.ts';
import { randomOf, seedOf } from '../noise.ts';
import { encodeCanvas } from '../paint/canvas.ts';
import { MODELS } from './catalog.ts';

export interface WrittenModel {
  name: string;
  triangles: number;
  bytes: number;
}

/** Writes `folder/name.glb`. `texels` caps the side of the texture. */
export async function writeModel(
  folder: string,
  name: string,
  options: { seed: number; texels: number },
): Promise<WrittenModel> {
  const entry = MODELS.find((model) => model.name === name);
  if (entry === undefined) throw new Error(`island: no model named "${name}" in the catalog`);
  const seed = seedOf(options.seed, name);
  const texels = Math.min(entry.texels, options.texels);
  const model = entry.build({ random: randomOf(options.seed, `${name} shape`), seed, texels });
  const { cutOut } = model.material;
  const texture = await encodeCanvas(model.canvas, { cutOut, normal: model.normalMap });
  const bytes = await encodeModel(name, model.mesh, model.material, texture);
  await writeFile(join(folder, `${name}.glb`), bytes);
  return { name, triangles: model.mesh.indices.length / 3, bytes: bytes.byteLength };
}
