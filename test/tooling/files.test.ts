import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FileServer, serveFolder } from '../support/files.ts';

let folder: string;
let plain: FileServer;
let rangeless: FileServer;

beforeAll(async () => {
  const parent = mkdtempSync(join(tmpdir(), 'farfield-files-'));
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  folder = join(parent, 'www');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.bin'), '0123456789');
  writeFileSync(join(folder, 'index.html'), '<p>hello</p>');
  plain = await serveFolder(folder);
  rangeless = await serveFolder(folder, { ignoreRanges: true });
});

afterAll(async () => {
  await plain?.close();
  await rangeless?.close();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

async function get(server: FileServer, path: string, range?: string): Promise<[number, string]> {
  const response = await fetch(server.origin + path, range ? { headers: { range } } : {});
  return [response.status, await response.text()];
}

test('ranges are answered with exactly the bytes asked for', async () => {
  expect(await get(plain, '/a.bin', 'bytes=2-4')).toEqual([206, '234']);
  expect(await get(plain, '/a.bin', 'bytes=7-')).toEqual([206, '789']);
  expect(await get(plain, '/a.bin', 'bytes=-2')).toEqual([206, '89']);
  expect(await get(plain, '/a.bin', 'bytes=8-99')).toEqual([206, '89']);
  expect((await get(plain, '/a.bin', 'bytes=10-12'))[0]).toBe(416);
  expect(await get(plain, '/a.bin')).toEqual([200, '0123456789']);
});

test('a host without range support sends the whole file', async () => {
  expect(await get(rangeless, '/a.bin', 'bytes=2-4')).toEqual([200, '0123456789']);
});

test('folders answer with their index, absent files and paths out of the folder with 404', async () => {
  expect(await get(plain, '/')).toEqual([200, '<p>hello</p>']);
  expect((await get(plain, '/none.bin'))[0]).toBe(404);
  expect((await get(plain, '/..%2fsecret.txt'))[0]).toBe(404);
});
