import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import { bumpySphere, noisyImage, temporaryFolder, writeGlb } from './sources.ts';
import { geometryBytes, openWorld, positionsOf } from './worlds.ts';

/** The triangles of a mesh as sorted text, each corner rounded to `step` meters. */
function triangleSet(positions: ArrayLike<number>, index: ArrayLike<number>, step: number) {
  const key = (v: number): string =>
    [0, 1, 2].map((c) => Math.round(positions[v * 3 + c]! / step) + 0).join(' ');
  const set: string[] = [];
  for (let i = 0; i < index.length; i += 3) {
    const corners = [key(index[i]!), key(index[i + 1]!), key(index[i + 2]!)];
    // Rotated so that the smallest corner is first: the winding stays.
    const first = corners.indexOf([...corners].sort()[0]!);
    set.push([...corners.slice(first), ...corners.slice(0, first)].join(' | '));
  }
  return set.sort();
}

describe('a cooked model', () => {
  test.each(['meshopt', 'draco'] as const)(
    'packed with %s has the triangles of its source',
    async (meshCodec) => {
      const folder = temporaryFolder();
      const mesh = bumpySphere(16, 24);
      await writeGlb(folder, 'ball', { mesh, texture: await noisyImage(64) });
      const out = join(folder, 'world');
      const report = await cook({ inputs: [folder], out, meshCodec });
      const world = openWorld(out);
      const content = await world.decode(world.catalog.assetPayloads[0]!);
      expect(content.primitives).toHaveLength(1);
      const { index, attributes } = content.primitives[0]!;
      // Poles of the sphere are slivers without area, which welding removes.
      expect(index.length / 3).toBe(report.assets[0]!.lods[0]!.triangles);
      const seen = positionsOf(content, 0);
      const step = meshCodec === 'draco' ? 2.2 / 2 ** 14 : content.scale / 32767;
      for (let i = 0; i < seen.length; i += 3) {
        let nearest = Infinity;
        for (let k = 0; k < mesh.positions.length; k += 3)
          nearest = Math.min(
            nearest,
            Math.max(
              Math.abs(seen[i]! - mesh.positions[k]!),
              Math.abs(seen[i + 1]! - mesh.positions[k + 1]!),
              Math.abs(seen[i + 2]! - mesh.positions[k + 2]!),
            ),
          );
        expect(nearest).toBeLessThan(step);
      }
      expect(attributes.map(({ name }) => name)).toEqual(['position', 'normal', 'uv']);
      expect(content.materials[0]).toMatchObject({ name: 'paint', baseColor: [0.5, 0.25, 1, 1] });
    },
  );

  test('keeps every triangle and its winding', async () => {
    const folder = temporaryFolder();
    const mesh = bumpySphere(8, 12);
    await writeGlb(folder, 'ball', { mesh });
    const out = join(folder, 'world');
    await cook({ inputs: [folder], out, meshCodec: 'meshopt' });
    const world = openWorld(out);
    const content = await world.decode(world.catalog.assetPayloads[0]!);
    const coarse = 0.01;
    const expected = triangleSet(mesh.positions, mesh.index, coarse).filter(
      (triangle) => new Set(triangle.split(' | ')).size === 3,
    );
    const seen = triangleSet(positionsOf(content, 0), content.primitives[0]!.index, coarse);
    expect(seen.filter((t) => new Set(t.split(' | ')).size === 3)).toEqual(expected);
  });

  test('that is mirrored by its node still shows its front', async () => {
    const folder = temporaryFolder();
    await writeGlb(folder, 'ball', { mesh: bumpySphere(8, 12), scale: [-2, 2, 2] });
    const out = join(folder, 'world');
    await cook({ inputs: [folder], out, meshCodec: 'meshopt' });
    const world = openWorld(out);
    const content = await world.decode(world.catalog.assetPayloads[0]!);
    const p = positionsOf(content, 0);
    const { index, attributes } = content.primitives[0]!;
    const normals = attributes.find(({ name }) => name === 'normal')!.array;
    let volume = 0;
    let agreeing = 0;
    for (let i = 0; i < index.length; i += 3) {
      const [a, b, c] = [index[i]! * 3, index[i + 1]! * 3, index[i + 2]! * 3];
      const cross = [
        p[b + 1]! * p[c + 2]! - p[b + 2]! * p[c + 1]!,
        p[b + 2]! * p[c]! - p[b]! * p[c + 2]!,
        p[b]! * p[c + 1]! - p[b + 1]! * p[c]!,
      ];
      volume += (p[a]! * cross[0]! + p[a + 1]! * cross[1]! + p[a + 2]! * cross[2]!) / 6;
      const n = (index[i]! * 4) as number;
      const outward =
        p[a]! * normals[n]! + p[a + 1]! * normals[n + 1]! + p[a + 2]! * normals[n + 2]!;
      if (outward > 0) agreeing++;
    }
    // Faces wound outwards enclose a positive volume: about that of a sphere of radius 2.
    expect(volume).toBeGreaterThan(25);
    expect(agreeing).toBe(index.length / 3);
  });

  test('says in the catalog exactly what its payloads take', async () => {
    const folder = temporaryFolder();
    await writeGlb(folder, 'ball', { texture: await noisyImage(64), alphaMode: 'MASK' });
    for (const meshCodec of ['meshopt', 'draco'] as const) {
      const out = join(folder, `world-${meshCodec}`);
      await cook({ inputs: [join(folder, 'ball.glb')], out, meshCodec });
      const world = openWorld(out);
      for (let i = 0; i < world.catalog.counts.payloads; i++) {
        const content = await world.decode(i);
        expect(geometryBytes(content)).toBe(world.catalog.payloadGeometryBytes[i]);
        const pixels = content.images.reduce((sum, { width, height }) => sum + width * height, 0);
        expect(pixels * 4).toBe(world.catalog.payloadImageBytes[i]);
      }
    }
  });

  test('has LODs whose triangles fall and whose errors rise', async () => {
    const folder = temporaryFolder();
    await writeGlb(folder, 'ball', { mesh: bumpySphere(48, 72), texture: await noisyImage(256) });
    const { assets } = await cook({ inputs: [folder], out: join(folder, 'world') });
    const { lods } = assets[0]!;
    expect(lods).toHaveLength(5);
    for (let i = 1; i < lods.length; i++) {
      expect(lods[i]!.triangles).toBeLessThanOrEqual(lods[i - 1]!.triangles * 0.75);
      expect(lods[i]!.errorMeters).toBeGreaterThanOrEqual(lods[i - 1]!.errorMeters);
      expect(lods[i]!.residentBytes).toBeLessThan(lods[i - 1]!.residentBytes);
    }
    expect(lods[0]!.errorMeters).toBeGreaterThan(0);
    expect(lods[4]!.triangles).toBeLessThanOrEqual(200);
    // A ball of radius 1: its coarsest form is off by centimeters, not by its size.
    expect(lods[4]!.errorMeters).toBeGreaterThan(0.005);
    expect(lods[4]!.errorMeters).toBeLessThan(0.5);
  });

  test('that is small already has fewer LODs', async () => {
    const folder = temporaryFolder();
    await writeGlb(folder, 'ball', { mesh: bumpySphere(4, 5) });
    const { assets } = await cook({ inputs: [folder], out: join(folder, 'world') });
    expect(assets[0]!.lods).toHaveLength(1);
  });

  test('without normals gets smooth ones, with a warning', async () => {
    const folder = temporaryFolder();
    await writeGlb(folder, 'ball', { mesh: bumpySphere(16, 24), without: ['NORMAL'] });
    const out = join(folder, 'world');
    const report = await cook({ inputs: [folder], out, meshCodec: 'meshopt' });
    expect(report.assets[0]!.warnings).toEqual([
      'mesh "ball" has no (usable) normals: they were generated',
    ]);
    const world = openWorld(out);
    const content = await world.decode(world.catalog.assetPayloads[0]!);
    const p = positionsOf(content, 0);
    const normals = content.primitives[0]!.attributes.find(({ name }) => name === 'normal')!.array;
    let sum = 0;
    for (let i = 0; i < p.length / 3; i++) {
      const radius = Math.hypot(p[i * 3]!, p[i * 3 + 1]!, p[i * 3 + 2]!);
      let cos = 0;
      for (let c = 0; c < 3; c++) cos += (p[i * 3 + c]! / radius) * (normals[i * 4 + c]! / 127);
      // The bumps turn normals away from the radius, but never into the ball.
      expect(cos).toBeGreaterThan(0.3);
      sum += cos;
    }
    expect(sum / (p.length / 3)).toBeGreaterThan(0.9);
  });

  test('without uv gets zeros for its texture, with a warning', async () => {
    const folder = temporaryFolder();
    const texture = await noisyImage(16);
    await writeGlb(folder, 'ball', { without: ['TEXCOORD_0'], texture });
    const out = join(folder, 'world');
    const report = await cook({ inputs: [folder], out });
    expect(report.assets[0]!.warnings[0]).toContain('has no uv: zeros are used');
    const world = openWorld(out);
    const content = await world.decode(world.catalog.assetPayloads[0]!);
    const uv = content.primitives[0]!.attributes.find(({ name }) => name === 'uv')!.array;
    expect(uv.every((value) => value === 0)).toBe(true);
  });

  test('has textures of half the side with every LOD', async () => {
    const folder = temporaryFolder();
    await writeGlb(folder, 'ball', { texture: await noisyImage(256), alphaMode: 'MASK' });
    const out = join(folder, 'world');
    await cook({ inputs: [folder], out, textureSize: 128 });
    const world = openWorld(out);
    const sides: number[] = [];
    for (let i = 0; i < world.catalog.counts.payloads; i++) {
      const { images } = await world.decode(i);
      expect(images).toHaveLength(1);
      expect(images[0]!.encoded!.mimeType).toBe('image/webp');
      sides.push(images[0]!.width);
    }
    expect(sides).toEqual([128, 64, 32, 16, 4]);
  });
});
