/**
 * The policies as their papers write them, over plain arrays (front first) and one page each: slow,
 * and too short to be wrong in the same way as the real ones. Each is a function from an access to
 * "was it a hit".
 */

type Access = (page: number) => boolean;

const drop = (list: number[], page: number): boolean => {
  const at = list.indexOf(page);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
};

export function naiveLru(capacity: number): Access {
  const list: number[] = [];
  return (page) => {
    const isHit = drop(list, page);
    if (!isHit && list.length === capacity) list.pop();
    list.unshift(page);
    return isHit;
  };
}

export function naiveFifo(capacity: number): Access {
  const list: number[] = [];
  return (page) => {
    if (list.includes(page)) return true;
    if (list.length === capacity) list.pop();
    list.unshift(page);
    return false;
  };
}

/** Megiddo & Modha, figure 4, case by case. */
export function naiveArc(c: number): Access {
  const [t1, t2, b1, b2]: number[][] = [[], [], [], []];
  let p = 0;
  const replace = (isInB2: boolean): void => {
    if (t1!.length >= 1 && ((isInB2 && t1!.length === p) || t1!.length > p))
      b1!.unshift(t1!.pop()!);
    else b2!.unshift(t2!.pop()!);
  };
  return (x) => {
    if (drop(t1!, x) || drop(t2!, x)) {
      t2!.unshift(x);
      return true;
    }
    if (b1!.includes(x)) {
      p = Math.min(c, p + Math.max(b2!.length / b1!.length, 1));
      replace(false);
      drop(b1!, x);
      t2!.unshift(x);
      return false;
    }
    if (b2!.includes(x)) {
      p = Math.max(0, p - Math.max(b1!.length / b2!.length, 1));
      replace(true);
      drop(b2!, x);
      t2!.unshift(x);
      return false;
    }
    const l1 = t1!.length + b1!.length;
    const all = l1 + t2!.length + b2!.length;
    if (l1 === c) {
      if (t1!.length < c) {
        b1!.pop();
        replace(false);
      } else t1!.pop();
    } else if (all >= c) {
      if (all === 2 * c) b2!.pop();
      replace(false);
    }
    t1!.unshift(x);
    return false;
  };
}

/** Johnson & Shasha, the full version. */
export function naiveTwoQ(capacity: number): Access {
  const [am, a1in, a1out]: number[][] = [[], [], []];
  const reclaim = (): void => {
    if (am!.length + a1in!.length < capacity) return;
    if (a1in!.length > capacity / 4 || am!.length === 0) {
      a1out!.unshift(a1in!.pop()!);
      if (a1out!.length > capacity / 2) a1out!.pop();
    } else am!.pop();
  };
  return (x) => {
    if (drop(am!, x)) {
      am!.unshift(x);
      return true;
    }
    if (a1in!.includes(x)) return true;
    const isRemembered = drop(a1out!, x);
    reclaim();
    (isRemembered ? am! : a1in!).unshift(x);
    return false;
  };
}

/** Zhang et al., algorithm 1. */
export function naiveSieve(capacity: number): Access {
  const queue: { page: number; visited: boolean }[] = [];
  let hand: { page: number; visited: boolean } | undefined;
  return (page) => {
    const found = queue.find((entry) => entry.page === page);
    if (found) {
      found.visited = true;
      return true;
    }
    if (queue.length === capacity) {
      let at = hand ? queue.indexOf(hand) : queue.length - 1;
      while (queue[at]!.visited) {
        queue[at]!.visited = false;
        at = at === 0 ? queue.length - 1 : at - 1;
      }
      hand = queue[at - 1];
      queue.splice(at, 1);
    }
    queue.unshift({ page, visited: false });
    return false;
  };
}

/** The clairvoyant: hits of the best choice at each step, by looking ahead. */
export function naiveBelady(capacity: number, trace: readonly number[]): Access {
  const held: number[] = [];
  let at = -1;
  const nextUse = (page: number): number => {
    const next = trace.indexOf(page, at + 1);
    return next < 0 ? Number.POSITIVE_INFINITY : next;
  };
  return (page) => {
    at++;
    if (held.includes(page)) return true;
    if (held.length === capacity) {
      held.sort((a, b) => nextUse(b) - nextUse(a) || a - b);
      held.shift();
    }
    held.push(page);
    return false;
  };
}
