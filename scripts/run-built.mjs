// Builds the package, then runs one of the built programs in the caller's place.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Builds, then runs `program` (a path below the repository) with `args`. Ctrl+C reaches the program,
 * and its exit code becomes this process's. With FARFIELD_BUILT set the build is skipped.
 */
export function runBuilt(program, args, nodeFlags = []) {
  if (!process.env.FARFIELD_BUILT) {
    const built = spawnSync(process.execPath, [`${root}scripts/build.mjs`], { stdio: 'inherit' });
    if (built.status !== 0) process.exit(built.status ?? 1);
  }
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', ...nodeFlags, `${root}${program}`, ...args],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
