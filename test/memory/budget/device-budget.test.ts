/** What a device is taken for, from what browsers tell. */
import { describe, expect, it } from 'vitest';
import {
  classifyDevice,
  type DeviceHints,
  MEMORY_PRESETS,
  readDeviceHints,
  suggestBudget,
} from '../../../src/memory/budget/device-budget.ts';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15';
const PIXEL = 'Mozilla/5.0 (Linux; Android 14) Chrome/130.0.0.0 Mobile Safari/537.36';

describe('device hints', () => {
  it.each<[string, object | undefined, DeviceHints]>([
    ['Node', undefined, {}],
    ['an iPhone', { userAgent: IPHONE, maxTouchPoints: 5 }, { isMobile: true }],
    ['an iPad, which says it is a Mac', { userAgent: MAC, maxTouchPoints: 5 }, { isMobile: true }],
    ['a Mac', { userAgent: MAC, maxTouchPoints: 0 }, { isMobile: false }],
    [
      'Chrome on a phone',
      { userAgent: PIXEL, deviceMemory: 4, userAgentData: { mobile: true } },
      { deviceMemoryGiB: 4, isMobile: true },
    ],
  ])('are read from %s', (_, navigator, hints) => {
    expect(readDeviceHints(navigator ?? {})).toEqual(hints);
  });

  it.each<[DeviceHints, string]>([
    [{}, '2gb'],
    [{ isMobile: true }, '1gb'],
    [{ deviceMemoryGiB: 2 }, '1gb'],
    [{ deviceMemoryGiB: 4 }, '2gb'],
    [{ deviceMemoryGiB: 8 }, '4gb'],
    [{ deviceMemoryGiB: 8, isMobile: true }, '2gb'],
    [{ deviceMemoryGiB: 8, maxTextureSize: 4096 }, '1gb'],
    [{ deviceMemoryGiB: 8, maxTextureSize: 16384 }, '4gb'],
    [{ maxBufferBytes: 2 ** 27 }, '1gb'],
  ])('%j is of class %s', (hints, expected) => {
    expect(classifyDevice(hints)).toBe(expected);
    expect(suggestBudget(hints)).toBe(MEMORY_PRESETS[expected as '1gb']);
  });
});
