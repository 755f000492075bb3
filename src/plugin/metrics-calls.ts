/** What a game measures, and what it hears of measurements. */
import { assert, assertNumber, describe } from '../base/assert.ts';
import { checkTarget } from '../telemetry/metrics.ts';
import type { StreamWorld } from '../world.ts';
import type { Streaming } from './streaming.ts';

type MetricsCalls = Pick<
  Streaming,
  'recordMetric' | 'metricStats' | 'setMetricTarget' | 'profileFrame' | 'performanceReport'
>;

export function metricsCalls(world: StreamWorld): MetricsCalls {
  const { metrics } = world;
  return {
    recordMetric(type, value) {
      checkName('recordMetric', type);
      assertNumber(`recordMetric("${type}"): value`, value);
      metrics.record(type, value);
    },
    metricStats(type) {
      checkName('metricStats', type);
      return metrics.stats(type);
    },
    setMetricTarget(type, target) {
      checkName('setMetricTarget', type);
      if (target !== null) checkTarget(`setMetricTarget("${type}")`, target);
      metrics.setTarget(type, target);
    },
    profileFrame(frameMs, bytes, drawCalls, triangles) {
      assertNumber('profileFrame: frameMs', frameMs, 0);
      assertNumber('profileFrame: bytes', bytes, 0);
      assertNumber('profileFrame: drawCalls', drawCalls, 0);
      assertNumber('profileFrame: triangles', triangles, 0);
      metrics.isFrameTold = true;
      metrics.told[0] = frameMs;
      metrics.record('frameMs', frameMs);
      metrics.record('memoryBytes', bytes);
      metrics.record('drawCalls', drawCalls);
      metrics.record('triangles', triangles);
    },
    performanceReport: () => ({ frame: world.frame, metrics: metrics.report() }),
  };
}

function checkName(call: string, name: string): void {
  assert(
    typeof name === 'string' && name !== '',
    `${call}: expected the name of a metric, got ${describe(name)}`,
  );
}
