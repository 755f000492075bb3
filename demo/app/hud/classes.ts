/** What waits to be asked for, and what is on its way, by urgency class. */
import type { StreamingStats } from '../../../src/index.ts';
import { element, formatCount } from './element.ts';

const CLASSES = ['critical', 'high', 'normal', 'prefetch', 'low'] as const;

export class ClassCells {
  readonly root: HTMLElement;
  readonly #cells: Map<string, { waiting: HTMLElement; coming: HTMLElement }>;

  constructor() {
    const cells = CLASSES.map((name) => {
      const waiting = element('b', '', '0');
      const coming = element('span', '', '+ 0');
      return { name, waiting, coming };
    });
    this.#cells = new Map(cells.map(({ name, ...cell }) => [name, cell]));
    this.root = element(
      'div',
      'classes',
      ...cells.map(({ name, waiting, coming }) =>
        element('div', '', element('em', '', name), waiting, coming),
      ),
    );
  }

  update({ candidatesByClass, pendingByClass }: StreamingStats): void {
    for (const name of CLASSES) {
      const { waiting, coming } = this.#cells.get(name)!;
      waiting.textContent = formatCount(candidatesByClass[name]);
      coming.textContent = `+ ${formatCount(pendingByClass[name])}`;
    }
  }
}
