/** Progress on a terminal: a bar where there is one, else a line for every tenth. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** @param fraction 0 to 1 */
  update(fraction: number, what: string): void;
  stop(): void;
}

export function createProgress(title: string): Progress {
  return process.stdout.isTTY ? createBar(title) : createLines(title);
}

function createBar(title: string): Progress {
  const bar = new SingleBar(
    { format: `${title} {bar} {percentage}% {what}`, hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(1000, 0, { what: '' });
  return {
    update: (fraction, what) => bar.update(Math.round(fraction * 1000), { what }),
    stop: () => bar.stop(),
  };
}

function createLines(title: string): Progress {
  let shown = -1;
  return {
    update(fraction, what) {
      const tenth = Math.floor(fraction * 10);
      if (tenth === shown) return;
      shown = tenth;
      process.stdout.write(`${title} ${tenth * 10} % ${what}\n`);
    },
    stop: () => undefined,
  };
}
