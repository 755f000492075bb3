/** The page that Chromium runs: the same loads as in Node, called from outside. */
import { loadCritical } from './critical.ts';
import { load } from './load.ts';

Object.assign(globalThis, {
  benchPage: {
    load,
    loadCritical,
    flood: async (url: string) =>
      (await (await fetch(url, { cache: 'no-store' })).arrayBuffer()).byteLength,
  },
});
