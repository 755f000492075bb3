// npm run test:soak [-- --runs N --from N --seed N]: builds, then runs seeded schedules of faults.
import { runBuilt } from './run-built.mjs';

runBuilt('dist/test/support/faults/soak.js', process.argv.slice(2));
