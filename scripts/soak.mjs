// npm run test:soak [-- --runs N --from N --seed N]: builds, then kills tabs in mid-write fifty times
// and runs seeded schedules of faults. With --seed only the schedule.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runBuilt } from './run-built.mjs';

const KILLS = '50';

const words = process.argv.slice(2);
if (!words.some((word) => word.startsWith('--seed'))) {
  const test = fileURLToPath(new URL('test.mjs', import.meta.url));
  const { status } = spawnSync(
    process.execPath,
    [test, '--no-checks', 'test/browser/cache/tabs.browser.test.ts'],
    { stdio: 'inherit', env: { ...process.env, FARFIELD_KILLS: KILLS } },
  );
  if (status !== 0) process.exit(status ?? 1);
}
runBuilt('dist/test/support/faults/soak.js', words);
