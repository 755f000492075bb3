/** The panel of figures: frame time, memory against budget, requests, LODs, levels. */
import type { Game } from '../game/game.ts';
import { ClassCells } from './classes.ts';
import { element, formatBytes, formatCount, formatMillions } from './element.ts';
import { LOD_COLORS } from './lod-colors.ts';

const FIGURES = [
  'frame',
  'streaming',
  'in flight',
  'link',
  'placements',
  'draw calls',
  'triangles',
  'error',
  'holes',
] as const;

/** Squares of grids are levels too, called `grid/x_z`: they are only counted. */
const isSquare = (name: string): boolean => name.includes('/');

const chip = (name: string, state: string): HTMLElement =>
  element('span', `chip ${state}`, name, element('em', '', state));

export class Gauges {
  readonly root: HTMLElement;
  readonly #resident = element('div', 'bar-resident');
  readonly #reserved = element('div', 'bar-reserved');
  readonly #bytes = element('span', 'bytes');
  readonly #values = new Map<string, HTMLElement>();
  readonly #lods: { bar: HTMLElement; count: HTMLElement }[];
  readonly #classes = new ClassCells();
  readonly #levels = element('div', 'levels');
  readonly #titles: Map<string, string>;

  constructor(game: Game) {
    const figures = FIGURES.map((name) => {
      const value = element('b', '', '–');
      this.#values.set(name, value);
      return element('div', 'figure', element('span', '', name), value);
    });
    this.#lods = LOD_COLORS.map((color) => {
      const bar = element('i', '');
      bar.style.background = color;
      return { bar, count: element('span', '', '0') };
    });
    this.#titles = new Map(game.file.villages.map(({ level, title }) => [level, title]));
    const histogram = element(
      'div',
      'histogram',
      ...this.#lods.map(({ bar, count }, lod) =>
        element('div', 'lod', element('div', 'well', bar), element('b', '', `${lod}`), count),
      ),
    );
    this.root = element(
      'section',
      'panel gauges',
      element(
        'header',
        '',
        element('h1', '', 'Farfield'),
        element('span', 'soft', game.file.title),
      ),
      element('div', 'label', element('span', '', 'Resident of budget'), this.#bytes),
      element('div', 'bar', this.#resident, this.#reserved),
      element('div', 'figures', ...figures),
      element('div', 'label', element('span', '', 'Wanted + on its way')),
      this.#classes.root,
      element('div', 'label', element('span', '', 'Level of detail in view')),
      histogram,
      this.#levels,
    );
  }

  /** @param frameMs mean time between the last pictures */
  update(game: Game, frameMs: number): void {
    const stats = game.streaming.stats();
    const share = (bytes: number): string => `${Math.min(100, (bytes / stats.budgetBytes) * 100)}%`;
    this.#resident.style.width = share(stats.residentBytes);
    this.#reserved.style.width = share(stats.reservedBytes);
    this.#bytes.textContent = `${formatBytes(stats.residentBytes)} / ${formatBytes(stats.budgetBytes)}`;
    const { render } = game.stage.renderer.info;
    const cpu = stats.beginMs.median + stats.updateMs.median + stats.commitMs.median;
    this.#set('frame', frameMs > 0 ? `${frameMs.toFixed(1)} ms` : '–');
    this.#set('streaming', `${cpu.toFixed(2)} ms`);
    this.#set('in flight', `${stats.requestsInFlight} + ${stats.requestsQueued}`);
    this.#set('link', `${formatBytes(stats.bandwidthBytesPerSecond)}/s`);
    this.#set('placements', `${formatCount(stats.shown)} of ${formatCount(stats.placements)}`);
    this.#set('draw calls', formatCount(render.calls));
    this.#set('triangles', formatMillions(render.triangles));
    const tolerated = game.streaming.errorPixels * stats.errorBias;
    this.#set('error', `${tolerated.toFixed(1)} px`);
    this.#set('holes', formatCount(stats.holes));
    this.#classes.update(stats);
    this.#showLods(game.streaming.lodHistogram());
    this.#showLevels(stats.levels);
  }

  #set(name: (typeof FIGURES)[number], text: string): void {
    this.#values.get(name)!.textContent = text;
  }

  /** Square roots: a forest of coarse trees would else flatten everything near to nothing. */
  #showLods(counts: readonly number[]): void {
    const most = Math.sqrt(Math.max(1, ...counts));
    for (const [lod, { bar, count }] of this.#lods.entries()) {
      bar.style.height = `${(Math.sqrt(counts[lod] ?? 0) / most) * 100}%`;
      count.textContent = formatCount(counts[lod] ?? 0);
    }
  }

  #showLevels(levels: Record<string, string>): void {
    const chips: HTMLElement[] = [];
    const squares = new Map<string, number>();
    for (const [name, state] of Object.entries(levels))
      if (isSquare(name)) squares.set(state, (squares.get(state) ?? 0) + 1);
      else chips.push(chip(this.#titles.get(name) ?? name, state));
    for (const [state, count] of squares) chips.push(chip(`${count} squares`, state));
    this.#levels.replaceChildren(...chips);
  }
}
