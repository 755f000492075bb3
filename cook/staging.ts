/**
 * The output folder, all or nothing: files are written into a temporary folder beside it, which
 * takes its place in one step at the end. Whatever goes wrong before leaves everything as it was.
 */
import { existsSync, rmSync } from 'node:fs';
import { access, constants, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CookError, reasonOf } from './errors.ts';

export interface Staging {
  /** Writes one file. */
  write(name: string, bytes: Uint8Array | string): Promise<void>;
  /** Puts everything written in place of the old folder. */
  publish(): Promise<void>;
  /** Removes what was written; does nothing after `publish`. */
  discard(): Promise<void>;
}

/** Throws `CookError` when the folder cannot be written or holds something that is not a world. */
export async function stage(out: string): Promise<Staging> {
  const target = resolve(out);
  await checkTarget(out, target);
  const parent = dirname(target);
  const temporary = join(parent, `.${basename(target)}.cooking-${process.pid}`);
  const refused = (error: unknown): CookError =>
    new CookError(`--out ${out} is not writable: ${reasonOf(error)}; choose another folder`);
  let madeParent: string | undefined;
  try {
    madeParent = await mkdir(parent, { recursive: true });
    await access(parent, constants.W_OK);
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
  } catch (error) {
    if (madeParent) await rm(madeParent, { recursive: true, force: true });
    throw refused(error);
  }
  let isOpen = true;
  // An interrupted process has no time for promises.
  const removeNow = (): void => rmSync(madeParent ?? temporary, { recursive: true, force: true });
  process.once('exit', removeNow);
  return {
    async write(name, bytes) {
      try {
        await writeFile(join(temporary, name), bytes);
      } catch (error) {
        throw refused(error);
      }
    },
    async publish() {
      const old = join(parent, `.${basename(target)}.old-${process.pid}`);
      try {
        const isReplacing = existsSync(target);
        if (isReplacing) await rename(target, old);
        try {
          await rename(temporary, target);
        } catch (error) {
          if (isReplacing) await rename(old, target);
          throw error;
        }
        isOpen = false;
        process.off('exit', removeNow);
        await rm(old, { recursive: true, force: true });
      } catch (error) {
        throw refused(error);
      }
    },
    async discard() {
      if (!isOpen) return;
      isOpen = false;
      process.off('exit', removeNow);
      await rm(madeParent ?? temporary, { recursive: true, force: true });
    },
  };
}

/** Replaces an earlier world or an empty folder; nothing else is ever overwritten. */
async function checkTarget(out: string, target: string): Promise<void> {
  if (!existsSync(target)) return;
  const entries = await readdir(target).catch(() => null);
  if (entries === null)
    throw new CookError(`--out ${out} is a file, expected a folder or a path where none is yet`);
  if (entries.length === 0 || entries.includes('world.json')) return;
  throw new CookError(
    `--out ${out} is a folder with other files in it and no world.json; choose an empty or new folder`,
  );
}
