/**
 * Chromium with a profile on disk: what pages store is in real files, and tabs share it. For tests
 * of storage; everything else opens pages with `browser.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS } from './browser.ts';
import { findChromium } from './chromium.ts';

export interface Profile {
  context: BrowserContext;
  close(): Promise<void>;
}

export interface ProfileOptions {
  executablePath?: string;
  /** The browser is closed after this long, whatever it is doing. Default 120 s. */
  watchdogMs?: number;
}

export async function openProfile(options: ProfileOptions = {}): Promise<Profile> {
  const { executablePath = findChromium(), watchdogMs = 120_000 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'farfield-profile-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    headless: true,
    args: [...CHROMIUM_FLAGS],
    viewport: { width: 320, height: 180 },
    timeout: 60_000,
  });
  const watchdog = setTimeout(() => void context.close(), watchdogMs);
  return {
    context,
    async close() {
      clearTimeout(watchdog);
      await context.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Kills the process that runs `page` and its workers, as a crash would, and waits for its end. */
export async function crashPage(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = new Promise((resolve) => page.once('crash', resolve));
  // It never answers: what should answer is gone.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}
