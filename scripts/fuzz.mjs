// npm run test:fuzz [-- --cases N --seed N --only READER --missed]: builds, then damages files.
import { runBuilt } from './run-built.mjs';

runBuilt('dist/test/support/fuzz/run.js', process.argv.slice(2));
