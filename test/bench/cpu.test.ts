import { expect, test } from 'vitest';
import { createCpuMeter } from '../../bench/lib/cpu.ts';

/** Keeps the processor busy without waiting for any clock. */
function work(rounds: number): number {
  let value = 1;
  for (let i = 0; i < rounds; i++) value = Math.imul(value, 1_103_515_245) + 12_345;
  return value;
}

test('the meter never reports more than the wall time around it, and more for more work', () => {
  const meter = createCpuMeter();
  const measure = (rounds: number): number => {
    const before = performance.now();
    meter.start();
    const sink = work(rounds);
    const cpuMs = meter.stop();
    expect(cpuMs).toBeLessThanOrEqual(performance.now() - before);
    expect(Number.isInteger(sink)).toBe(true);
    return cpuMs;
  };
  measure(1e6);
  expect(measure(3e7)).toBeGreaterThan(measure(1e4));
});
