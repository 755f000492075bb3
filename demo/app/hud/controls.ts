/** Sliders and buttons: budget, link, error and LOD mode while flying, and who flies. */
import type { SimulatedLink } from '../../../src/io/index.ts';
import type { Game } from '../game/game.ts';
import { element, formatBytes } from './element.ts';

const MEBIBYTE = 1024 * 1024;

interface SliderOptions {
  label: string;
  min: number;
  max: number;
  step: number;
  value: number;
  format(value: number): string;
  onInput(value: number): void;
}

function slider(options: SliderOptions): HTMLElement {
  const { label, min, max, step, value, format, onInput } = options;
  const input = element('input', '');
  Object.assign(input, { type: 'range', min: `${min}`, max: `${max}`, step: `${step}` });
  input.value = `${value}`;
  input.ariaLabel = label;
  const shown = element('b', '', format(value));
  input.addEventListener('input', () => {
    shown.textContent = format(input.valueAsNumber);
    onInput(input.valueAsNumber);
  });
  return element('label', 'slider', element('span', '', label), shown, input);
}

/** Sliders run over powers of two, so that small values can be set as finely as large ones. */
const power = (value: number): number => 2 ** value;

/** What slows the link down. */
function linkSliders(link: SimulatedLink): HTMLElement[] {
  return [
    slider({
      label: 'Bandwidth',
      min: -1,
      max: 8,
      step: 0.25,
      value: 8,
      format: (value) => (value >= 8 ? 'unlimited' : `${power(value).toFixed(1)} MiB/s`),
      onInput: (value) => {
        link.bandwidthBytesPerSecond =
          value >= 8 ? Number.POSITIVE_INFINITY : power(value) * MEBIBYTE;
      },
    }),
    slider({
      label: 'Latency',
      min: 0,
      max: 1000,
      step: 10,
      value: 0,
      format: (value) => `${value} ms`,
      onInput: (value) => {
        link.latencySeconds = value / 1000;
      },
    }),
  ];
}

/** One for each room that can be entered. */
function visitButtons({ file, fastTravel }: Game): HTMLElement[] {
  return file.interiors.map((interior) => {
    const button = element('button', '', interior.title);
    button.addEventListener('click', () => {
      button.blur();
      void fastTravel.into(interior);
    });
    return button;
  });
}

const LOD_MODES = ['error', 'size', 'distance'] as const;

/** By what LODs change: one layer of all assets, or with error none. */
function lodModeButton({ streaming }: Game): HTMLElement {
  let mode = 0;
  const button = element('button', '', 'LODs by error');
  button.addEventListener('click', () => {
    mode = (mode + 1) % LOD_MODES.length;
    const name = LOD_MODES[mode]!;
    streaming.setLayer('all', name === 'error' ? null : { assets: () => true, mode: name });
    button.textContent = `LODs by ${name}`;
    button.blur();
  });
  return button;
}

export class Controls {
  readonly root: HTMLElement;
  readonly #autopilot = element('button', '', 'Autopilot');
  readonly #pause = element('button', '', 'Pause');
  readonly #winter = element('button', '', 'Winter');

  constructor(game: Game) {
    const budget = Math.log2(game.streaming.budgetBytes / MEBIBYTE);
    const { link } = game.link;
    this.root = element(
      'section',
      'panel controls',
      slider({
        label: 'Budget',
        min: 4,
        max: 11,
        step: 0.125,
        value: budget,
        format: (value) => formatBytes(power(value) * MEBIBYTE),
        onInput: (value) => {
          game.streaming.budgetBytes = Math.round(power(value) * MEBIBYTE);
        },
      }),
      ...(link ? linkSliders(link) : []),
      slider({
        label: 'Error',
        min: 0.5,
        max: 16,
        step: 0.5,
        value: game.streaming.errorPixels,
        format: (value) => `${value} px`,
        onInput: (value) => {
          game.streaming.errorPixels = value;
        },
      }),
      element(
        'div',
        'buttons',
        this.#autopilot,
        this.#pause,
        this.#winter,
        ...visitButtons(game),
        lodModeButton(game),
      ),
      element('p', 'hint', 'W A S D · Q E · drag to look · Shift hurries · H hides this'),
    );
    this.#autopilot.addEventListener('click', () => {
      game.setMode(game.mode === 'autopilot' ? 'free' : 'autopilot');
      this.#autopilot.blur();
    });
    this.#winter.addEventListener('click', () => {
      game.setWinter(!game.isWinter);
      this.#winter.blur();
    });
    this.#pause.addEventListener('click', () => {
      game.autopilot.isPaused = !game.autopilot.isPaused;
      this.#pause.blur();
    });
  }

  update(game: Game): void {
    this.#autopilot.classList.toggle('on', game.mode === 'autopilot');
    this.#winter.classList.toggle('on', game.isWinter);
    this.#winter.ariaPressed = `${game.isWinter}`;
    this.#pause.textContent = game.autopilot.isPaused ? 'Resume' : 'Pause';
    this.#pause.disabled = game.mode !== 'autopilot';
  }
}
