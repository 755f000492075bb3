/** What a payload costs the link: the one price that gains are divided by. */
import type { StreamWorld } from '../world.ts';

/**
 * Link time the payload takes, in bytes of link:
 * `encodedBytes + bandwidth · latency ÷ concurrency + bandwidth · decode`.
 */
export function priceOf(world: StreamWorld, payload: number): number {
  const { link } = world.io;
  const { columns } = world.payloads;
  const perRequest =
    (link.bandwidthBytesPerSecond * link.latencySeconds) / world.options.maxInFlight;
  const decode = (columns.decodeMs[payload]! / 1000) * link.bandwidthBytesPerSecond;
  return columns.encodedBytes[payload]! + perRequest + decode;
}
