/** Measures the main thread of a page; whoever opens it exposes `busyMs`, the browser's account. */
import { type MainThreadTask, measureMainThread } from './main-thread.ts';

declare function busyMs(): Promise<number>;

Object.assign(globalThis, {
  measure: (task: MainThreadTask) => measureMainThread(task, () => busyMs()),
});
