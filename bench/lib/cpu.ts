/**
 * CPU time of the main thread over a stretch of synchronous code.
 *
 * Wall time counts what other programs on the machine took meanwhile; the process's CPU time counts
 * its other threads (collector, workers) too. Each is an upper bound of what the main thread used,
 * so the smaller of the two is reported: on a busy machine that removes most of the noise.
 */

export interface CpuMeter {
  start(): void;
  /** Milliseconds of main-thread CPU since `start`, never an underestimate. */
  stop(): number;
}

/** Steps of the process's CPU clock above this are too coarse to time a frame with. */
const COARSE_MICROSECONDS = 50;

/** A meter; where the process's CPU clock is coarse it reports wall time. */
export function createCpuMeter(): CpuMeter {
  const isFine = measureCpuStepMicroseconds() <= COARSE_MICROSECONDS;
  let wallMs = 0;
  let cpu: NodeJS.CpuUsage = process.cpuUsage();
  return {
    start() {
      cpu = process.cpuUsage();
      wallMs = performance.now();
    },
    stop() {
      const elapsedMs = performance.now() - wallMs;
      const used = process.cpuUsage(cpu);
      return isFine ? Math.min(elapsedMs, (used.user + used.system) / 1000) : elapsedMs;
    },
  };
}

/** The usual step of the process's CPU clock, over two milliseconds of work. */
function measureCpuStepMicroseconds(): number {
  const steps: number[] = [];
  const until = performance.now() + 2;
  let last = process.cpuUsage();
  while (performance.now() < until) {
    const step = process.cpuUsage(last);
    const microseconds = step.user + step.system;
    if (microseconds === 0) continue;
    steps.push(microseconds);
    last = process.cpuUsage();
  }
  steps.sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? Number.POSITIVE_INFINITY;
}

/** JS heap in use after a full collection. Needs `node --expose-gc`. */
export function heapUsedBytes(): number {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (!collect)
    throw new Error('bench: heap figures need node --expose-gc; run it as "npm run bench -- …"');
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
