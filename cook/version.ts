/** The version of this package, for the head of what it writes. */
import { readFileSync } from 'node:fs';

/** The nearest package.json above this file: one folder up from source, two from dist. */
function readVersion(): string {
  for (const up of ['../package.json', '../../package.json'])
    try {
      const text = readFileSync(new URL(up, import.meta.url), 'utf8');
      const { name, version } = JSON.parse(text) as { name?: string; version?: string };
      if (name === 'farfield' && version) return version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  throw new Error('farfield: its package.json was not found; install the package again');
}

export const VERSION: string = readVersion();
