/**
 * The loading screen: whatever entity carries one, read as plain data. For keyboard and screen reader
 * too: it takes the focus and gives it back, says how far it is now and then, and can be left with Escape
 * where that is possible.
 */
import { reasonOf } from '../../../src/base/errors.ts';
import type { LoadingStatus, Streaming } from '../../../src/index.ts';
import { element } from './element.ts';
import { Announcer, noteOf, percentOf, valueTextOf } from './loading-text.ts';

/** What it asks of the streaming. */
export type LoadingSource = Pick<Streaming, 'loadingScreens' | 'loadingStatus' | 'retryLoading'>;

/** Gives up what is being loaded; null while that cannot be. */
export type Cancel = () => (() => void) | null;

export class LoadingScreen {
  readonly root: HTMLElement;
  readonly #source: LoadingSource | null;
  readonly #cancel: Cancel;
  readonly #announcer = new Announcer();
  readonly #title = element('h2', '');
  readonly #description = element('p', 'loading-description');
  readonly #fill = element('i', '');
  readonly #bar = element('div', 'progress', this.#fill);
  readonly #note = element('p', 'loading-note');
  readonly #tip = element('p', 'loading-tip');
  readonly #errors = element('ul', 'loading-errors');
  readonly #retry = element('button', '', 'Try again');
  readonly #leave = element('button', '', 'Cancel (Esc)');
  readonly #said = element('p', 'unseen');
  readonly #dialog: HTMLElement;
  #entity = 0;
  #focusBefore: Element | null = null;
  #errorsShown = '';

  constructor(source: LoadingSource | null, cancel: Cancel = () => null) {
    this.#source = source;
    this.#cancel = cancel;
    const buttons = element('div', 'buttons', this.#retry, this.#leave);
    const parts = [this.#title, this.#description, this.#bar, this.#note, this.#errors, buttons];
    const body = element('div', 'loading-body', element('h1', '', 'Farfield'), ...parts, this.#tip);
    this.#dialog = element('section', 'loading-screen', body);
    this.root = element('div', '', this.#dialog, this.#said);
    this.#title.id = 'loading-title';
    this.#description.id = 'loading-description';
    Object.assign(this.#dialog, { role: 'dialog', ariaModal: 'true', tabIndex: -1 });
    this.#dialog.setAttribute('aria-labelledby', this.#title.id);
    this.#dialog.setAttribute('aria-describedby', this.#description.id);
    Object.assign(this.#bar, { role: 'progressbar', ariaValueMin: '0', ariaValueMax: '100' });
    this.#bar.setAttribute('aria-labelledby', this.#title.id);
    Object.assign(this.#said, { role: 'status', ariaLive: 'polite' });
    this.#retry.addEventListener('click', () => this.#source?.retryLoading(this.#entity));
    this.#leave.addEventListener('click', () => this.#cancel()?.());
    this.#dialog.addEventListener('keydown', (event) => {
      // Nothing behind it is meant.
      event.stopPropagation();
      if (event.key === 'Escape') this.#cancel()?.();
    });
  }

  /** Follows what there is; call each frame. */
  update(nowMs: number): void {
    if (!this.#source) return;
    const [entity] = this.#source.loadingScreens();
    const status = entity === undefined ? null : this.#source.loadingStatus(entity);
    const said = this.#announcer.next(status, nowMs);
    if (said !== null) this.#said.textContent = said;
    this.#setShown(status !== null);
    this.#entity = entity ?? 0;
    if (status) this.#show(status);
  }

  /** Says what went wrong, and stays. */
  fail(title: string, error: unknown): void {
    this.#title.textContent = title;
    this.#dialog.classList.add('broken');
    this.#dialog.role = 'alertdialog';
    this.#note.textContent = reasonOf(error);
    this.#retry.hidden = true;
    this.#leave.hidden = true;
    this.#setShown(true);
  }

  #show(status: LoadingStatus): void {
    if (this.#dialog.classList.contains('broken')) return;
    this.#title.textContent = status.title;
    this.#description.textContent = status.description;
    const percent = percentOf(status);
    this.#fill.style.width = `${percent}%`;
    this.#bar.ariaValueNow = `${percent}`;
    this.#bar.ariaValueText = valueTextOf(status);
    this.#note.textContent = noteOf(status);
    this.#tip.textContent = status.tip;
    this.#leave.hidden = this.#cancel() === null;
    this.#showErrors(status);
  }

  /** Only when they are others: whoever has the focus on the button keeps it. */
  #showErrors({ errors }: LoadingStatus): void {
    const key = errors.map(({ message }) => message).join('\n');
    if (errors.length === 0 && document.activeElement === this.#retry) this.#dialog.focus();
    this.#retry.hidden = errors.length === 0;
    if (key === this.#errorsShown) return;
    this.#errorsShown = key;
    this.#errors.replaceChildren(
      ...errors.map(({ message, blocks }) =>
        element('li', '', blocks ? message : `${message}, shown without it`),
      ),
    );
    if (errors.some(({ blocks }) => blocks)) this.#retry.focus();
  }

  #setShown(isShown: boolean): void {
    if (this.#dialog.classList.contains('shown') === isShown) return;
    this.#dialog.classList.toggle('shown', isShown);
    for (const other of this.root.parentElement?.children ?? [])
      if (other !== this.root) (other as HTMLElement).inert = isShown;
    if (isShown) {
      this.#focusBefore = document.activeElement;
      this.#dialog.focus({ preventScroll: true });
      return;
    }
    // Whoever had none before has none again.
    this.#dialog.blur();
    if (this.#focusBefore instanceof HTMLElement) this.#focusBefore.focus();
  }
}
