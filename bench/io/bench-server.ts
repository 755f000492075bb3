/** Starts the benchmark's server in a process of its own and talks to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../../test/support/page-server.ts';
import type { LoggedRequest } from './request-log.ts';

export interface ServerSettings {
  /** Folder of the world to serve. */
  world: string;
  /** Folder of the built page; empty where no browser is measured. */
  page: string;
  /** From a request's arrival to the first byte of its answer. */
  latencyMs: number;
  /** For all answers together; null is no limit. */
  bytesPerSecond: number | null;
}

export type ToServer = { type: 'set'; settings: Partial<ServerSettings> } | { type: 'take-log' };

export type FromServer =
  | { type: 'ready'; port: number }
  | { type: 'done' }
  | { type: 'log'; log: LoggedRequest[] };

export interface BenchServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  origin: string;
  set(settings: Partial<ServerSettings>): Promise<void>;
  /** What was logged since the last call. */
  takeLog(): Promise<LoggedRequest[]>;
  close(): Promise<void>;
}

/** Node runs no TypeScript: the process is started from what the build made of it. */
const SERVER_FILE = join(repositoryRoot, 'dist/bench/io/server.js');

export async function startBenchServer(settings: Partial<ServerSettings>): Promise<BenchServer> {
  const child = fork(SERVER_FILE, [], { execArgv: [], serialization: 'advanced' });
  const ask = createAsk(child);
  const first = await ask(null);
  if (first.type !== 'ready')
    throw new Error(`bench server: expected "ready", got "${first.type}"`);
  const set = async (changed: Partial<ServerSettings>): Promise<void> => {
    await ask({ type: 'set', settings: changed });
  };
  await set(settings);
  return {
    origin: `http://127.0.0.1:${first.port}`,
    set,
    async takeLog() {
      const answer = await ask({ type: 'take-log' });
      if (answer.type !== 'log')
        throw new Error(`bench server: expected a log, got "${answer.type}"`);
      return answer.log;
    },
    async close() {
      const ended = new Promise((done) => child.once('exit', done));
      child.disconnect();
      await ended;
    },
  };
}

/** One question at a time: each message has one answer. `null` only listens. */
function createAsk(child: ChildProcess): (message: ToServer | null) => Promise<FromServer> {
  let last: Promise<unknown> = Promise.resolve();
  return (message) => {
    const answer = last.then(
      () =>
        new Promise<FromServer>((resolve, reject) => {
          const end = (code: number | null): void =>
            reject(new Error(`bench server: it ended with code ${code}`));
          child.once('exit', end);
          child.once('message', (received) => {
            child.off('exit', end);
            resolve(received as FromServer);
          });
          if (message) child.send(message);
        }),
    );
    last = answer.catch(() => undefined);
    return answer;
  };
}
