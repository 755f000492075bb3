/**
 * One process at a time has a folder: a lock file that names its owner. Node has no locks of the
 * operating system, so an owner that died is found out by its process id and, where `/proc` tells,
 * by the time that process was born: ids are used again, in containers nearly always.
 */
import type { NodeFs } from './node-files.ts';

export interface FolderLock {
  /** Path of the lock file. */
  readonly path: string;
  /** Whether nobody has taken the folder from this owner meanwhile. */
  isHeld(): boolean;
  release(): void;
}

export interface NodeProcess {
  pid: number;
  /** Signal 0 asks whether a process exists. */
  kill(pid: number, signal: 0): unknown;
}

/**
 * Null when a living process has the folder, this one included.
 * @param name distinguishes this owner from every other
 */
export function lockFolder(
  fs: NodeFs,
  { pid, kill }: NodeProcess,
  folder: string,
  name: string,
): FolderLock | null {
  const path = `${folder}/lock`;
  const mine = `${pid} ${birthOf(fs, pid)} ${name}\n`;
  const draft = `${path}-${name}`;
  fs.writeFileSync(draft, mine);
  try {
    // Two rounds: one that finds a dead owner's lock and removes it, one that takes its place.
    for (let round = 0; round < 2; round++) {
      if (link(fs, draft, path)) return { path, isHeld: () => read(fs, path) === mine, release };
      const text = read(fs, path);
      if (text === null) continue;
      if (isAlive(fs, kill, text) || !remove(text)) return null;
    }
    return null;
  } finally {
    fs.unlinkSync(draft);
  }

  /** Removes the lock that says `text`, and no other that came in its place. */
  function remove(text: string): boolean {
    const aside = `${draft}-old`;
    try {
      fs.renameSync(path, aside);
    } catch {
      return true;
    }
    const isIt = read(fs, aside) === text;
    if (!isIt) link(fs, aside, path);
    fs.unlinkSync(aside);
    return isIt;
  }

  function release(): void {
    if (read(fs, path) === mine) fs.unlinkSync(path);
  }
}

/** The process that the lock of a folder names, alive or not; null where there is no lock. */
export function ownerOf(fs: NodeFs, folder: string): number | null {
  const text = read(fs, `${folder}/lock`);
  return text === null ? null : Number(text.split(' ')[0]);
}

/** False when `to` exists already. A file system without links fails otherwise, and says so. */
function link(fs: NodeFs, from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false;
    throw error;
  }
}

function read(fs: NodeFs, path: string): string | null {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function isAlive(fs: NodeFs, kill: NodeProcess['kill'], text: string): boolean {
  const [id = '', birth = ''] = text.split(' ');
  const pid = Number(id);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    kill(pid, 0);
  } catch (error) {
    // Not allowed to signal it: it exists.
    if ((error as { code?: string }).code !== 'EPERM') return false;
  }
  return birthOf(fs, pid) === birth;
}

/** When a process began, in ticks since the machine started; "?" where nobody says. */
function birthOf(fs: NodeFs, pid: number): string {
  const stat = read(fs, `/proc/${pid}/stat`) ?? '';
  // The name of the program stands in parentheses and may hold anything, so count from behind it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '?';
}
