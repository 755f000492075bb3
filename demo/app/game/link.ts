/** The slow network that the sliders control: a simulated link in front of the real server. */
import { createSystemClock, httpSource, type Source } from '../../../src/index.ts';
import { type SimulatedLink, simulatedSource } from '../../../src/io/index.ts';

export interface DemoLink {
  source: Source;
  /** Change it at any time. */
  link: SimulatedLink;
}

/** @param folder address of the cooked world, with a slash at the end */
export function createLink(folder: string): DemoLink {
  const link: SimulatedLink = {
    bandwidthBytesPerSecond: Number.POSITIVE_INFINITY,
    latencySeconds: 0,
  };
  const source = simulatedSource(httpSource(folder), {
    clock: createSystemClock(),
    // No faults are simulated, so that chance is never asked.
    random: () => 0.5,
    link,
  });
  return { source, link };
}
