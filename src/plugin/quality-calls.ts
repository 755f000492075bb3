/** What a game says about quality while it runs. */
import { assert, assertNumber, describe } from '../base/assert.ts';
import {
  checkDetail,
  checkValues,
  DETAIL_NAMES,
  detailAt,
  detailFor,
  detailWith,
  NO_DETAIL,
} from '../level/quality.ts';
import type { StreamWorld } from '../world.ts';
import type { Streaming } from './streaming.ts';

type QualityCalls = Pick<
  Streaming,
  | 'setQuality'
  | 'setLevelQuality'
  | 'setAutoQuality'
  | 'setQualityValues'
  | 'qualityOf'
  | 'calculateOptimalLOD'
>;

export function qualityCalls(world: StreamWorld): QualityCalls {
  const { quality } = world;
  return {
    setQuality(detail) {
      if (detail !== null) checkDetail('setQuality', detail);
      quality.chosen = detail === null ? NO_DETAIL : DETAIL_NAMES.indexOf(detail);
      quality.isChanged = true;
    },
    setLevelQuality(level, detail) {
      checkLevel('setLevelQuality', level);
      if (detail === null) quality.chosenOfLevels.delete(level);
      else {
        checkDetail(`setLevelQuality("${level}")`, detail);
        quality.chosenOfLevels.set(level, DETAIL_NAMES.indexOf(detail));
      }
      quality.isChanged = true;
    },
    setAutoQuality(on) {
      assert(typeof on === 'boolean', `setAutoQuality: expected a boolean, got ${describe(on)}`);
      quality.isAuto = on;
    },
    setQualityValues(detail, values) {
      checkDetail('setQualityValues', detail);
      checkValues(`setQualityValues("${detail}")`, values);
      Object.assign(quality.values[DETAIL_NAMES.indexOf(detail)]!, values);
      quality.isChanged = true;
    },
    qualityOf(level) {
      if (level !== undefined) checkLevel('qualityOf', level);
      const detail = level === undefined ? quality.detail : quality.detailOf(level);
      return DETAIL_NAMES[detail] ?? null;
    },
    calculateOptimalLOD(distanceMeters, availableBytes, frameMs) {
      assertNumber('calculateOptimalLOD: distanceMeters', distanceMeters, 0);
      assertNumber('calculateOptimalLOD: availableBytes', availableBytes, 0);
      assertNumber('calculateOptimalLOD: frameMs', frameMs, 0);
      const { settings, detail } = quality;
      const byDistance = detailAt(settings, detail, distanceMeters);
      const byMemory = detailWith(settings, detail, availableBytes / world.budget.budgetBytes);
      return DETAIL_NAMES[Math.max(byDistance, byMemory, detailFor(settings, detail, frameMs))]!;
    },
  };
}

function checkLevel(call: string, name: string): void {
  assert(
    typeof name === 'string' && name !== '',
    `${call}: expected the name of a level, got ${describe(name)}`,
  );
}
