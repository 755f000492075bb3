/** The page that Chromium runs for the decode benchmark. */
import { findWasm } from '../../../src/io/worker/wasm-files.ts';
import { type DecodeTask, measureDecode } from './measure.ts';

Object.assign(globalThis, {
  benchPage: {
    measureDecode: (task: DecodeTask) =>
      measureDecode({ ...task, dracoWasmUrl: String(findWasm('draco')) }),
  },
});
