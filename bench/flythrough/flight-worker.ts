/** Flies orders in a thread of its own, one after the other. */
import { parentPort } from 'node:worker_threads';
import { reasonOf } from '../../src/base/errors.ts';
import { type Flown, flyOrder, type Order } from './flight.ts';

/** What comes back for each order. */
export type Answer = { flown: Flown } | { error: string };

if (!parentPort) throw new Error('flight-worker: has to be run as a worker thread');
const port = parentPort;
port.on('message', async (order: Order) => {
  let answer: Answer;
  try {
    answer = { flown: await flyOrder(order) };
  } catch (error) {
    answer = { error: error instanceof Error ? (error.stack ?? error.message) : reasonOf(error) };
  }
  port.postMessage(answer);
});
