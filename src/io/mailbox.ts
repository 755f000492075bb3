/**
 * The one way up from I/O to the frame: completions wait here until one system drains them at one
 * point. No promise callback ever touches anything else.
 */
import type { Completion } from './ticket.ts';

export interface Mailbox {
  push(completion: Completion): void;
  /**
   * Visits, in order of arrival, what was there when the call began, and returns how many. What is
   * pushed meanwhile waits for the next drain. When `visit` throws, what it did not see stays.
   */
  drain(visit: (completion: Completion) => void): number;
  readonly size: number;
}

export function createMailbox(): Mailbox {
  let completions: Completion[] = [];
  return {
    push: (completion) => void completions.push(completion),
    drain(visit) {
      const batch = completions;
      completions = [];
      let visited = 0;
      try {
        for (const completion of batch) {
          visited++;
          visit(completion);
        }
      } finally {
        if (visited < batch.length) completions = [...batch.slice(visited), ...completions];
      }
      return visited;
    },
    get size() {
      return completions.length;
    },
  };
}
