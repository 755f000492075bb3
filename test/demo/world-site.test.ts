import { join } from 'node:path';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import { givenWorld } from '../../demo/app/world-site.ts';
import { temporaryFolder, writeGlb } from '../cook/sources.ts';
import { readFolder } from '../cook/worlds.ts';

test('a cooked world in a zip file, or as the files of its folder, can be flown around', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'world');
  await cook({ inputs: [await writeGlb(folder, 'ball')], out, name: 'given' });
  const files = [...readFolder(out)].map(([name, bytes]): [string, Uint8Array] => [name, bytes]);
  const archive = new Uint8Array(zipSync(Object.fromEntries(files)));
  const drops = [
    [new File([archive], 'any.zip')],
    files.map(([name, bytes]) => new File([new Uint8Array(bytes)], name)),
  ];
  for (const dropped of drops) {
    const { source, file, addressOf } = await givenWorld(dropped);
    expect(file).toMatchObject({ title: 'given', head: 'world.json', seaLevelMeters: null });
    expect(file.autopilot.points.length).toBe(file.autopilot.targets.length);
    expect(file.autopilot.points.flat().every(Number.isFinite)).toBe(true);
    expect(addressOf(file.map)).toMatch(/^data:image/);
    expect((await source.readAll('world.json')).length).toBeGreaterThan(100);
  }
  await expect(givenWorld([new File(['x'], 'notes.txt')])).rejects.toThrow('no world.json among');
});
