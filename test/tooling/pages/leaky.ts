/** Does everything a clean page must not do. */
const worker = new Worker(
  URL.createObjectURL(
    new Blob([`fetch('https://worker.invalid/leak').catch(() => postMessage('done'));`], {
      type: 'text/javascript',
    }),
  ),
);
const answered = new Promise((done) => worker.addEventListener('message', done));
await fetch('https://page.invalid/leak').catch((error: unknown) => console.info(String(error)));
await answered;
console.warn('a warning');
console.error('an error');
setTimeout(() => {
  Object.assign(globalThis, { isDone: true });
  throw new Error('thrown by the page');
});
