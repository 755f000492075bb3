/** Which detail holds, for all and for levels by name: chosen by the game, and by auto-adjust. */
import {
  NO_DETAIL,
  QUALITY_DEFAULTS,
  QUALITY_VALUES,
  type QualityOptions,
  type QualitySettings,
  type QualityValues,
} from './quality.ts';
import { QualityControl } from './quality-control.ts';

export class QualityState {
  readonly settings: QualitySettings;
  /** What each detail means, finest first. */
  readonly values: QualityValues[];
  /** Chosen for all: with auto-adjust the finest that it may take. -1 = none, nothing is changed. */
  chosen: number = NO_DETAIL;
  /** Chosen for levels, by name. */
  readonly chosenOfLevels: Map<string, number> = new Map();
  /** By distance, of levels by name; empty without auto-adjust. */
  readonly distanceOfLevels: Map<string, number> = new Map();
  /** What is to follow, in the next frame. */
  isChanged = false;
  /** Who casts shadows is to be found anew. */
  areShadowsDue = false;
  /** Time since distances were last looked at (seconds). */
  sinceSeconds: number = Number.POSITIVE_INFINITY;
  /** What holds, as the game was last told: '' is for all. */
  readonly told: Map<string, number> = new Map();
  #control: QualityControl | null = null;

  constructor({ values = {}, autoAdjust = false, ...options }: QualityOptions) {
    this.settings = { ...QUALITY_DEFAULTS, ...options };
    const given: Partial<QualityValues>[] = [
      values.ultra ?? {},
      values.high ?? {},
      values.medium ?? {},
      values.low ?? {},
      values.minimal ?? {},
    ];
    this.values = QUALITY_VALUES.map((row, detail) => ({ ...row, ...given[detail] }));
    this.isAuto = autoAdjust;
  }

  /** What adjusts the detail for all; null while nothing does. */
  get control(): QualityControl | null {
    return this.#control;
  }

  get isAuto(): boolean {
    return this.#control !== null;
  }

  /** Begins anew at the finest, or goes back to what was chosen. */
  set isAuto(on: boolean) {
    if (on === this.isAuto) return;
    this.#control = on ? new QualityControl(this.settings) : null;
    this.distanceOfLevels.clear();
    this.sinceSeconds = Number.POSITIVE_INFINITY;
    this.isChanged = true;
  }

  /** What holds for all, -1 = none. */
  get detail(): number {
    return Math.max(this.chosen, this.#control?.detail ?? NO_DETAIL);
  }

  /** What holds in a level: the coarsest of all that is said of it. -1 = none. */
  detailOf(level: string): number {
    const own = this.chosenOfLevels.get(level) ?? NO_DETAIL;
    return Math.max(this.detail, own, this.distanceOfLevels.get(level) ?? NO_DETAIL);
  }

  /** Share of the LODs that cast shadows at a detail; at none, all. */
  shadowsAt(detail: number): number {
    return this.values[detail]?.shadowQuality ?? 1;
  }
}
