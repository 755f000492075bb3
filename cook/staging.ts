/**
 * The output folder, all or nothing: files are written into a temporary folder beside it, which
 * takes its place in one step at the end. Whatever goes wrong before leaves everything as it was.
 * Files that the old folder has already are taken over, not written again: they keep their age, so
 * that whatever copies the folder to a server sees that they did not change.
 */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import {
  access,
  constants,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { reasonOf } from '../src/base/errors.ts';
import { CookError } from './errors.ts';

export interface Staging {
  /** Files of the world that is replaced, by name; null where there is none. */
  readonly earlier: ReadonlySet<string> | null;
  /** Writes one file. True where the old folder had it, byte for byte, and it was taken over. */
  write(name: string, bytes: Uint8Array | string): Promise<boolean>;
  /** Puts everything written in place of the old folder. */
  publish(): Promise<void>;
  /** Removes what was written; does nothing after `publish`. */
  discard(): Promise<void>;
}

/** Throws `CookError` when the folder cannot be written or holds something that is not a world. */
export async function stage(out: string): Promise<Staging> {
  const target = resolve(out);
  const earlier = await checkTarget(out, target);
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
    earlier,
    async write(name, bytes) {
      try {
        const path = join(temporary, name);
        if (earlier?.has(name) && (await takeOver(join(target, name), path, bytes))) return true;
        await writeFile(path, bytes);
        return false;
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

/** Gives a file another name where it holds exactly `bytes`; false where it does not or cannot. */
async function takeOver(from: string, to: string, bytes: Uint8Array | string): Promise<boolean> {
  try {
    if (!(await readFile(from)).equals(Buffer.from(bytes as Uint8Array))) return false;
    await link(from, to);
    return true;
  } catch {
    // Some file systems have no links: the file is written anew.
    return false;
  }
}

/**
 * Replaces an earlier world or an empty folder; nothing else is ever overwritten.
 *
 * @returns the files of the earlier world, null where there is none
 */
async function checkTarget(out: string, target: string): Promise<ReadonlySet<string> | null> {
  if (!existsSync(target)) return null;
  const entries = await readdir(target).catch(() => null);
  if (entries === null)
    throw new CookError(`--out ${out} is a file, expected a folder or a path where none is yet`);
  if (entries.length === 0) return null;
  if (entries.includes('world.json')) return new Set(entries);
  throw new CookError(
    `--out ${out} is a folder with other files in it and no world.json; choose an empty or new folder`,
  );
}
