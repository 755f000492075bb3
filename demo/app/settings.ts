/**
 * What the address may say. `?stepped=1` gives the frame to whoever drives the page; `size` then
 * fixes the picture, so that two runs draw the same pixels.
 */

export interface Settings {
  /** Folder below `/worlds/`. */
  world: string;
  /** No animation frames: the page is driven through `window.farfieldDemo`. */
  isStepped: boolean;
  /** Fixed size of the picture (pixels), or null for the window's. */
  size: { width: number; height: number } | null;
  /** Bytes, or null for the world's own default. */
  budgetBytes: number | null;
  /** Tolerated geometric error, pixels. */
  errorPixels: number;
  /** Speed of the autopilot, or null for the world's own. */
  metersPerSecond: number | null;
  /** Multisampling and alpha to coverage. */
  antialias: boolean;
  /** Whether the overlay is shown. */
  hud: boolean;
  shadows: boolean;
  /** Keep what was fetched for the next visit. Not by default: a flight is then never the same twice. */
  isCached: boolean;
}

const MEBIBYTE = 1024 * 1024;

/** Reads the query of an address. Throws on what cannot be understood, naming it. */
export function parseSettings(query: string): Settings {
  const given = new URLSearchParams(query);
  const isStepped = given.get('stepped') === '1';
  const budget = positive(given, 'budget');
  return {
    world: given.get('world') ?? 'island',
    isStepped,
    size: parseSize(given.get('size')),
    budgetBytes: budget === null ? null : budget * MEBIBYTE,
    errorPixels: positive(given, 'error') ?? 2,
    metersPerSecond: positive(given, 'speed'),
    antialias: flag(given, 'aa', !isStepped),
    hud: flag(given, 'hud', true),
    shadows: flag(given, 'shadows', true),
    isCached: flag(given, 'cache', false),
  };
}

function positive(given: URLSearchParams, name: string): number | null {
  const text = given.get(name);
  if (text === null) return null;
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value <= 0)
    throw new Error(`?${name}=${text}: expected a number above 0`);
  return value;
}

function flag(given: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = given.get(name);
  if (text === null) return fallback;
  if (text !== '0' && text !== '1') throw new Error(`?${name}=${text}: expected 0 or 1`);
  return text === '1';
}

function parseSize(text: string | null): Settings['size'] {
  if (text === null) return null;
  const match = /^(\d{2,4})x(\d{2,4})$/.exec(text);
  if (!match) throw new Error(`?size=${text}: expected WIDTHxHEIGHT in pixels, such as 320x180`);
  return { width: Number(match[1]), height: Number(match[2]) };
}
