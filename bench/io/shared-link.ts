/**
 * A link that all answers of a server share: a token bucket over every connection, emptied packet by
 * packet in turn, as a router between many flows does. Nothing is saved up while the link is idle;
 * what a late timer missed while answers were waiting is sent when it comes, so that the rate holds
 * on a busy machine.
 */

import { type Clock, createSystemClock } from '../../src/base/clock.ts';

/** One answer on its way. */
export interface Flow {
  /** Bytes that are still to be sent. */
  remainingBytes: number;
  /** The receiver reads too slowly: the flow is passed over until this is false again. */
  isBlocked(): boolean;
  /** Sends the next `count` bytes; called with at most `remainingBytes`. */
  send(count: number): void;
}

export interface SharedLink {
  /** Bytes per second for all flows together; `Infinity` is no limit. */
  bytesPerSecond: number;
  add(flow: Flow): void;
  remove(flow: Flow): void;
}

/** What goes at a time: the payload of one Ethernet frame. */
const PACKET_BYTES = 1460;
const TICK_MS = 1;
/** Sent to a flow at a time when there is no limit. */
const UNLIMITED_BYTES = 256 * 1024;
/** A timer later than this has missed what it missed: a machine that slept is not a fast link. */
const MAX_LATE_MS = 250;

export function createSharedLink(clock: Clock = createSystemClock()): SharedLink {
  const flows: Flow[] = [];
  let turn = 0;
  let tokens = 0;
  let sinceMs = 0;
  let isTimerSet = false;

  const send = (flow: Flow, count: number): void => {
    flow.remainingBytes -= count;
    tokens -= count;
    if (flow.remainingBytes === 0) flows.splice(flows.indexOf(flow), 1);
    flow.send(count);
  };
  const next = (): Flow | undefined => {
    for (let tried = 0; tried < flows.length; tried++) {
      turn = turn >= flows.length ? 0 : turn;
      const flow = flows[turn]!;
      if (!flow.isBlocked()) return flow;
      turn++;
    }
    return undefined;
  };
  /** One packet to each flow in turn while tokens last; a flow that is done leaves its place. */
  const spread = (packet: number): void => {
    for (let flow = next(); flow; flow = next()) {
      const count = Math.min(packet, flow.remainingBytes);
      if (count > tokens) return;
      const before = flows.length;
      send(flow, count);
      if (flows.length === before) turn++;
    }
  };
  const tick = (): void => {
    isTimerSet = false;
    const nowMs = clock.now();
    const { bytesPerSecond } = link;
    if (bytesPerSecond === Number.POSITIVE_INFINITY) {
      tokens = UNLIMITED_BYTES * flows.length;
      spread(UNLIMITED_BYTES);
    } else {
      tokens += (Math.min(MAX_LATE_MS, nowMs - sinceMs) / 1000) * bytesPerSecond;
      spread(PACKET_BYTES);
      // Everybody waits for a slow reader: the link was idle for that time, and nothing is saved up.
      if (tokens > PACKET_BYTES) tokens = PACKET_BYTES;
    }
    sinceMs = nowMs;
    schedule();
  };
  const schedule = (): void => {
    if (isTimerSet || flows.length === 0) return;
    isTimerSet = true;
    clock.after(link.bytesPerSecond === Number.POSITIVE_INFINITY ? 0 : TICK_MS, tick);
  };

  const link: SharedLink = {
    bytesPerSecond: Number.POSITIVE_INFINITY,
    add(flow) {
      if (flows.length === 0) {
        tokens = 0;
        sinceMs = clock.now();
      }
      flows.push(flow);
      schedule();
    },
    remove(flow) {
      const at = flows.indexOf(flow);
      if (at >= 0) flows.splice(at, 1);
    },
  };
  return link;
}
