/** Flies many orders in a few threads, whichever is free taking the next. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Flown, Order } from './flight.ts';
import type { Answer } from './flight-worker.ts';

const MOST_WORKERS = 2;

/** The flown orders, in their order; `tell` hears of each as it is done. Throws where one fails. */
export async function flyOrders(
  orders: readonly Order[],
  tell: (order: Order, done: number) => void = () => undefined,
): Promise<Flown[]> {
  const flown: Flown[] = new Array(orders.length);
  let next = 0;
  let done = 0;
  const count = Math.min(MOST_WORKERS, availableParallelism(), orders.length);
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./flight-worker.js', import.meta.url));
    try {
      while (next < orders.length) {
        const place = next++;
        const order = orders[place]!;
        const answer = await ask(worker, order);
        if ('error' in answer) throw new Error(`flythrough ${order.scenario.id}: ${answer.error}`);
        flown[place] = answer.flown;
        tell(order, ++done);
      }
    } finally {
      next = orders.length;
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: count }, work));
  return flown;
}

function ask(worker: Worker, order: Order): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (answer: Answer): void => settle(() => resolve(answer));
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (code: number): void =>
      settle(() => reject(new Error(`flythrough: a worker ended with code ${code}`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(order);
  });
}
