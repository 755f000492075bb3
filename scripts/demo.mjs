// npm run demo [-- options]: builds, then runs the demo's own tool with the same options.
import { runBuilt } from './run-built.mjs';

runBuilt('dist/demo/tools/run.js', process.argv.slice(2));
