/** Progress for people: a bar on a terminal, a line every few seconds anywhere else. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number, total: number, what: string): void;
  stop(): void;
}

/** Off a terminal: seconds between two lines. */
const LINE_SECONDS = 3;

export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? createBar(stream) : createLines(stream);
}

function createBar(stream: NodeJS.WriteStream): Progress {
  const format = 'cooking {bar} {value}/{total}  {what}';
  const bar = new SingleBar({ stream, format, hideCursor: true }, Presets.shades_classic);
  let isStarted = false;
  return {
    update(done, total, what) {
      if (isStarted) bar.update(done, { what });
      else bar.start(total, done, { what });
      isStarted = true;
    },
    stop: () => bar.stop(),
  };
}

function createLines(stream: NodeJS.WriteStream): Progress {
  let lastMs = performance.now();
  return {
    update(done, total, what) {
      const nowMs = performance.now();
      if (done < total && nowMs - lastMs < LINE_SECONDS * 1000) return;
      lastMs = nowMs;
      stream.write(`cooking ${done}/${total}${what ? `  ${what}` : ''}\n`);
    },
    stop: () => undefined,
  };
}
