/** The page that Chromium runs for the decode benchmark. */
import { findDracoWasm } from '../../../src/io/worker/draco-wasm.ts';
import { type DecodeTask, measureDecode } from './measure.ts';

Object.assign(globalThis, {
  benchPage: {
    measureDecode: (task: DecodeTask) =>
      measureDecode({ ...task, dracoWasmUrl: String(findDracoWasm()) }),
  },
});
