/** The logs of all loads as text, to see what a system asked for and when. */
import { writeFileSync } from 'node:fs';
import { formatLog, type LoggedRequest } from './request-log.ts';

export interface Trace {
  add(title: string, log: readonly LoggedRequest[], startedMs: number): void;
  /** Writes everything to `file`, if there is one. */
  save(file: string | undefined): void;
}

const HEAD = '# ms from the start: received, first byte, last byte; connection; bytes; range';

export function createTrace(): Trace {
  const lines: string[] = [HEAD];
  return {
    add(title, log, startedMs) {
      lines.push('', `## ${title}`, ...formatLog(log, startedMs));
    },
    save(file) {
      if (file !== undefined) writeFileSync(file, `${lines.join('\n')}\n`);
    },
  };
}
