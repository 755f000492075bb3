// npm run test:soak:browser [-- --minutes N --json FILE --leak]: builds, then flies the demo island in
// headless Chromium and fails when what is left after garbage collection grows. --leak must fail.
import { runBuilt } from './run-built.mjs';

runBuilt('dist/demo/tools/soak.js', process.argv.slice(2));
