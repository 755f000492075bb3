// npm run bench -- NAME [options]: builds, then runs one benchmark. Heap figures need --expose-gc.
import { runBuilt } from './run-built.mjs';

runBuilt('dist/bench/cli.js', process.argv.slice(2), ['--expose-gc']);
