/** The peers alone, at a list of used items: how their cost grows, and a check of the harness. */
import type { Command } from 'commander';
import { describeConditions, writeJson } from '../lib/json.ts';
import { collectCounts, parseCount } from '../lib/options.ts';
import { parseFlight } from './flight.ts';
import { MEASURE_DEFAULTS, measureTogether } from './measure.ts';
import { Peer3dTiles } from './peer-3dtiles.ts';
import { PeerThreeLod } from './peer-three-lod.ts';
import type { Measured, TunableSubject } from './subject.ts';

/** One of each; at most one may own the browser stand-ins at a time. */
export function createPeers(): TunableSubject[] {
  return [new Peer3dTiles(), new PeerThreeLod()];
}

interface PeersOptions {
  used: number[];
  frames: number;
  json?: string;
}

/** Adds `peers` to the bench command line. */
export function addPeersCommand(program: Command): void {
  program
    .command('peers')
    .description('CPU of one frame of the peers, at given numbers of used items')
    .option('--used <counts...>', 'used items to tune each peer to', collectCounts)
    .option('--frames <n>', 'measured frames', parseCount, MEASURE_DEFAULTS.frames)
    .option('--json <file>', 'write the figures as JSON')
    .action(async ({ used = [500, 7500], frames, json }: PeersOptions) => {
      const runs = await measurePeers(used, frames);
      console.table(runs);
      if (json) writeJson({ bench: 'peers', ...describeConditions(0), runs }, json);
    });
}

async function measurePeers(counts: number[], frames: number): Promise<Measured[]> {
  const flight = parseFlight('100');
  const runs: Measured[] = [];
  for (const peer of createPeers()) {
    try {
      for (const count of counts) {
        await peer.matchUsed(count, flight);
        runs.push(...(await measureTogether([peer], flight, { ...MEASURE_DEFAULTS, frames })));
      }
    } finally {
      await peer.dispose();
    }
  }
  return runs;
}
