/** The loading screen: rises once the first view is complete. */
import { reasonOf } from '../../../src/base/errors.ts';
import { element } from './element.ts';

export class Curtain {
  readonly root: HTMLElement;
  readonly #fill = element('i', '');
  readonly #note = element('p', '', 'Opening the world …');

  constructor(title: string, credits: readonly string[]) {
    this.root = element(
      'div',
      'curtain',
      element(
        'div',
        'curtain-body',
        element('h1', '', 'Farfield'),
        element('h2', '', title),
        element('div', 'progress', this.#fill),
        this.#note,
        element('small', '', credits.join(' · ')),
      ),
    );
  }

  /** @param progress 0 to 1 */
  update(progress: number, note: string): void {
    this.#fill.style.width = `${progress * 100}%`;
    this.#note.textContent = note;
  }

  raise(): void {
    this.root.classList.add('raised');
  }

  /** Says what went wrong, and stays. */
  fail(error: unknown): void {
    this.root.classList.add('failed');
    this.#note.textContent = reasonOf(error);
  }
}
