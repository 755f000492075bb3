/** All budgets of the game's own: which there are, and what each is promised of the whole. */
import { assert, assertNumber, describe } from '../../base/assert.ts';
import { hashName } from '../../base/hash.ts';
import type { Budget } from './budget.ts';
import { NamedBudget } from './named-budget.ts';
import { POOL_NAMES } from './pools.ts';

export class NamedBudgets {
  readonly #budget: Budget;
  /** By priority, highest first, then by age. */
  readonly #list: NamedBudget[] = [];

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  values(): readonly NamedBudget[] {
    return this.#list;
  }

  /** By the hash of its name. */
  byId(id: number): NamedBudget | undefined {
    for (const one of this.#list) if (one.id === id) return one;
    return undefined;
  }

  /** What all of them asked for. */
  get bytes(): number {
    return this.#list.reduce((sum, one) => sum + one.bytes, 0);
  }

  /** Throws where the name is taken or the bytes are more than what is not promised yet. */
  create(name: string, bytes: number, priority: number): NamedBudget {
    const call = 'createMemoryBudget';
    const isName = typeof name === 'string' && name !== '' && name !== 'total';
    assert(
      isName && !(POOL_NAMES as readonly string[]).includes(name),
      `${call}: expected a name that is not "total" and not that of a pool, got ${describe(name)}`,
    );
    assert(
      !this.byId(hashName(name)),
      `${call}: there is a budget "${name}" already; dispose it first`,
    );
    assertNumber(`${call}("${name}"): priority`, priority);
    const made = new NamedBudget(name, priority, this.#budget, this);
    this.checkBytes(made, bytes);
    const before = this.#list.findIndex((other) => other.priority < priority);
    this.#list.splice(before < 0 ? this.#list.length : before, 0, made);
    made.askFor(bytes);
    return made;
  }

  remove(one: NamedBudget): void {
    this.#list.splice(this.#list.indexOf(one), 1);
    this.#budget.sharePromises();
  }

  /** Throws unless so many bytes can be promised to one beside all others. */
  checkBytes(one: NamedBudget, bytes: number): void {
    assertNumber(`memory budget "${one.name}": bytes`, bytes, 0, Number.MAX_SAFE_INTEGER);
    let left = this.#budget.promisableBytes;
    for (const other of this.#list) if (other !== one) left -= other.bytes;
    assert(
      bytes <= left,
      `memory budget "${one.name}": ${bytes} bytes asked for, but of the budget of ${this.#budget.budgetBytes} ` +
        `only ${Math.max(0, left)} are not promised yet; ask for fewer, or raise budgetBytes`,
    );
  }

  /**
   * Promises each what it asked for out of so many bytes, as far as they go. Returns how many of them
   * are promised and not in use. Called by the budget, whenever one of its figures has changed.
   */
  shareOut(bytes: number): number {
    let left = bytes;
    let idle = 0;
    for (const one of this.#list) {
      one.grantedBytes = Math.min(one.bytes, left);
      left -= one.grantedBytes;
      idle += Math.max(0, one.grantedBytes - one.usedBytes);
    }
    return idle;
  }
}
