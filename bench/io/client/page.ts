/** The page that Chromium runs: the same loads as in Node, called from outside. */
import { loadCritical } from './critical.ts';
import { load } from './load.ts';

export interface BenchPage {
  load: typeof load;
  loadCritical: typeof loadCritical;
  flood(url: string): Promise<number>;
}

const page: BenchPage = {
  load,
  loadCritical,
  flood: async (url) => (await (await fetch(url, { cache: 'no-store' })).arrayBuffer()).byteLength,
};
Object.assign(globalThis, { benchPage: page });
