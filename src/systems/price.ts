/** What a payload costs the link: the one price that gains are divided by. */
import type { StreamWorld } from '../world.ts';

/** Link time that a request takes beside its bytes: `bandwidth · latency ÷ concurrency` bytes. */
export function requestPrice(world: StreamWorld): number {
  const { link } = world.io;
  const { maxInFlight, policy } = world.options;
  return (policy.requestPrice * link.bandwidthBytesPerSecond * link.latencySeconds) / maxInFlight;
}

/** Link time of the bytes alone, decoding included: `encodedBytes + bandwidth · decode` bytes. */
export function bytePrice(world: StreamWorld, payload: number): number {
  const { columns } = world.payloads;
  const decode = (columns.decodeMs[payload]! / 1000) * world.io.link.bandwidthBytesPerSecond;
  return columns.encodedBytes[payload]! + decode;
}

/** Link time the payload takes when it is asked for by itself, in bytes of link. */
export function priceOf(world: StreamWorld, payload: number): number {
  return bytePrice(world, payload) + requestPrice(world);
}
