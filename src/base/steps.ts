/** Work done in steps, so that whoever runs it may do something else in between. */

/** Runs all steps at once and returns the result. */
export function drain<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
