/**
 * What a device can spare, as far as a page can know: presets for classes of devices, and a suggestion
 * from what the browser tells. A suggestion only: the game knows what else it keeps in memory.
 */

/** Classes of devices, by the memory that a tab may count on. */
export type DeviceClass = '1gb' | '2gb' | '4gb';

/** Options for `installStreaming` that go together. */
export interface MemoryPreset {
  budgetBytes: number;
  uploadBytesPerFrame: number;
  evictBytesPerFrame: number;
}

const MIB = 1024 * 1024;

/** A quarter of the class for streaming: the browser, three.js, the game and the decoders need their part. */
export const MEMORY_PRESETS: Readonly<Record<DeviceClass, MemoryPreset>> = {
  '1gb': { budgetBytes: 256 * MIB, uploadBytesPerFrame: 2 * MIB, evictBytesPerFrame: 8 * MIB },
  '2gb': { budgetBytes: 512 * MIB, uploadBytesPerFrame: 8 * MIB, evictBytesPerFrame: 32 * MIB },
  '4gb': { budgetBytes: 1024 * MIB, uploadBytesPerFrame: 16 * MIB, evictBytesPerFrame: 64 * MIB },
};

/** What is known of a device; what is not known is left out. */
export interface DeviceHints {
  /** `navigator.deviceMemory` (GiB, a power of two, at most 8 as browsers report it). */
  deviceMemoryGiB?: number;
  isMobile?: boolean;
  /** Largest edge of a texture (`MAX_TEXTURE_SIZE`, `maxTextureDimension2D`); 4096 is an old phone. */
  maxTextureSize?: number;
  /** Largest buffer of a WebGPU device (`maxBufferSize`). */
  maxBufferBytes?: number;
}

/** The part of `navigator` that is looked at. Firefox and Safari have no `deviceMemory`. */
interface NavigatorLike {
  deviceMemory?: number;
  maxTouchPoints?: number;
  userAgent?: string;
  userAgentData?: { mobile?: boolean };
}

/** What the browser tells of its device. In Node nothing is known. */
export function readDeviceHints(from: unknown = globalThis.navigator): DeviceHints {
  const told = (from ?? {}) as NavigatorLike;
  const hints: DeviceHints = {};
  if (typeof told.deviceMemory === 'number') hints.deviceMemoryGiB = told.deviceMemory;
  const agent = told.userAgent ?? '';
  // An iPad says it is a Mac, but no Mac has a touch screen.
  const isTablet = /Macintosh/.test(agent) && (told.maxTouchPoints ?? 0) > 1;
  if (told.userAgentData?.mobile !== undefined) hints.isMobile = told.userAgentData.mobile;
  else if (agent !== '') hints.isMobile = isTablet || /Android|iPhone|iPad|Mobile/.test(agent);
  return hints;
}

/**
 * The class that fits a device. Of a desktop that tells nothing 2 GB are assumed, of a phone 1 GB; the
 * weakest hint decides.
 */
export function classifyDevice(hints: DeviceHints = readDeviceHints()): DeviceClass {
  const { deviceMemoryGiB, isMobile = false, maxTextureSize, maxBufferBytes } = hints;
  const isSmallGpu =
    (maxTextureSize !== undefined && maxTextureSize <= 4096) ||
    (maxBufferBytes !== undefined && maxBufferBytes < 256 * MIB);
  if (isSmallGpu) return '1gb';
  if (deviceMemoryGiB === undefined) return isMobile ? '1gb' : '2gb';
  if (deviceMemoryGiB <= (isMobile ? 4 : 2)) return '1gb';
  return deviceMemoryGiB <= 4 || isMobile ? '2gb' : '4gb';
}

/** Options that suit the device: `installStreaming(world, { ...suggestBudget(), source })`. */
export function suggestBudget(hints: DeviceHints = readDeviceHints()): MemoryPreset {
  return MEMORY_PRESETS[classifyDevice(hints)];
}
