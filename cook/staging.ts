/**
 * The output folder, all or nothing: files are written into a temporary folder beside it, which
 * takes its place in one step at the end. Whatever goes wrong before leaves everything as it was.
 */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
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
    removeEmpty(parent, madeParent);
    throw refused(error);
  }
  let isOpen = true;
  // Without promises: it also runs when the process is interrupted.
  const removeNow = (): void => {
    rmSync(temporary, { recursive: true, force: true });
    removeEmpty(parent, madeParent);
  };
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
      removeNow();
    },
  };
}

/** Removes folders that were made on the way, unless somebody else has put something there. */
function removeEmpty(folder: string, first: string | undefined): void {
  if (first === undefined) return;
  for (let at = folder; at.length >= first.length; at = dirname(at)) {
    if (!existsSync(at)) continue;
    if (readdirSync(at).length > 0) return;
    rmdirSync(at);
  }
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
