// Checks how TypeScript resolves the packed package: node scripts/attw.mjs FOLDER_WITH_ONE_TGZ
//
// The worker and the wasm are entry points for bundlers, which no type can describe.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? '.';
const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
if (tarballs.length !== 1) {
  console.error(
    `attw: expected one .tgz in ${folder}, found ${tarballs.length}; run npm pack first`,
  );
  process.exit(1);
}
const excluded = ['worker', 'draco_decoder.wasm', 'basis_transcoder.wasm'];
const { status } = spawnSync(
  join(root, 'node_modules', '.bin', 'attw'),
  [join(folder, tarballs[0]), '--profile', 'esm-only', '--exclude-entrypoints', ...excluded],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
