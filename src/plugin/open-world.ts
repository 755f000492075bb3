/**
 * Opening of cooked worlds, in slices that hold no frame. The directory of the catalog is mounted
 * first: from then on cells are culled and scored, and payloads are asked for. Placements follow,
 * nearest to the viewpoints first; a cell is shown when its own are there.
 */
import { assert } from '../base/assert.ts';
import { ErrorCode, StreamError } from '../base/errors.ts';
import { fillRows, reserveRows } from '../catalog/mount.ts';
import { stringAt } from '../io/bundle/catalog-names.ts';
import type { Directory, WorldHead } from '../io/bundle/format.ts';
import { readDirectory } from '../io/bundle/read-directory.ts';
import { parseHead } from '../io/bundle/read-head.ts';
import type { Source } from '../io/source.ts';
import { orCancelled } from '../io/sources/read-error.ts';
import type { OpenedWorld, StreamWorld } from '../world.ts';
import { admitWorld } from './admit-world.ts';
import { closeWorld, giveRowsBack } from './close-world.ts';
import { fitGeometry } from './fit-geometry.ts';
import { readPlacements } from './read-placements.ts';
import { readRange } from './read-range.ts';

/** A world on its way from its files into the tables. */
interface Opening {
  readonly world: StreamWorld;
  /** Path of the head. */
  readonly path: string;
  /** Path of the folder, with the slash, or nothing. */
  readonly folder: string;
  readonly source: Source;
  readonly ending: AbortController;
  /** Throws when the world was closed or the streaming disposed in the meantime. */
  readonly check: () => void;
}

/**
 * Reads a cooked world and adds it to the tables; resolves when all of it is there. When it rejects,
 * everything is given back.
 *
 * @param path names the head, e.g. `world.json`
 * @param ending ends the opening: it rejects with `Cancelled`
 */
export async function openWorld(
  world: StreamWorld,
  path: string,
  given: Source,
  ending: AbortController,
): Promise<OpenedWorld> {
  const source = world.ioWorker?.adopt(given) ?? given;
  // What was adopted is given back; a source of the game's own is the game's to end.
  const endReading = (): void => {
    if (source !== given) void source.dispose?.();
  };
  const check = (): void => {
    if (!ending.signal.aborted) return;
    const what = world.disposed ? 'the streaming was disposed' : 'it was closed';
    throw new StreamError(ErrorCode.Cancelled, `${path}: ${what} while it was being opened`);
  };
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const opening: Opening = { world, path, folder, source, ending, check };
  let opened: OpenedWorld | undefined;
  try {
    const { head, directory } = await readFiles(opening);
    opened = await addRows(opening, head, directory, endReading);
    await fill(opening, opened, directory);
    const file = folder + head.catalog.file;
    const { signal } = ending;
    const reader = { world, file, source, signal, check, opened, directory };
    await readPlacements(reader);
    opened.opening = null;
    opened.readLost = rereading(reader, ending);
    return opened;
  } catch (error) {
    const wasEnded = ending.signal.aborted;
    if (!opened) endReading();
    else if (world.opened.includes(opened)) closeWorld(world, opened);
    // What was broken off says so, whatever it was doing.
    if (wasEnded) check();
    throw error;
  }
}

/** What reads again what could not be read; while it does, or when there is nothing, it does nothing. */
function rereading(
  reader: Parameters<typeof readPlacements>[0],
  ending: AbortController,
): () => void {
  const { opened, world } = reader;
  return () => {
    if (opened.opening !== null || opened.lostSlices.size === 0) return;
    // Closing the world ends this as it ends an opening.
    opened.opening = ending;
    readPlacements(
      reader,
      [...opened.lostSlices].sort((a, b) => a - b),
    )
      .catch((error: unknown) => {
        if (!ending.signal.aborted) world.events.emit('warning', { message: String(error) });
      })
      .finally(() => {
        opened.opening = null;
      });
  };
}

async function readFiles(opening: Opening): Promise<{ head: WorldHead; directory: Directory }> {
  const { world, path, folder, source, ending, check } = opening;
  const { signal } = ending;
  const text = await orCancelled(path, source.readAll(path, signal), signal);
  const head = parseHead(new TextDecoder().decode(text));
  const { file, directoryBytes } = head.catalog;
  const range = { file: folder + file, start: 0, end: directoryBytes };
  const read = async (fresh: boolean): Promise<Directory> => {
    const bytes = await readRange(world, source, { ...range, fresh }, signal);
    return world.pace.run(readDirectory(bytes), check);
  };
  // Damaged on the way, perhaps: once more, past all caches.
  const directory = await read(false)
    .catch((error: unknown) => (isDamage(error) ? read(true) : Promise.reject(error)))
    .catch((error: unknown) => {
      throw isDamage(error)
        ? new StreamError(error.code, `${range.file}: ${error.message}`)
        : error;
    });
  const end = directory.directoryBytes + directory.sliceStarts[directory.counts.slices]!;
  assert(
    end === head.catalog.bytes && directory.directoryBytes === directoryBytes,
    `${file} has ${end} bytes, ${directory.directoryBytes} of them before its placements, but ` +
      `${path} promises ${head.catalog.bytes} and ${directoryBytes}; the world was not copied whole`,
  );
  return { head, directory };
}

function isDamage(error: unknown): error is StreamError {
  return error instanceof StreamError && error.code === ErrorCode.Decode;
}

/** Takes rows in all tables. From here on the world can be closed like any other. */
async function addRows(
  { world, path, folder, source, ending, check }: Opening,
  head: WorldHead,
  directory: Directory,
  endReading: () => void,
): Promise<OpenedWorld> {
  // One world at a time: while tables grow nobody else may take rows or give them back.
  while (world.reserving) await world.reserving;
  let release = (): void => undefined;
  world.reserving = new Promise((resolve) => {
    release = resolve;
  });
  try {
    checkLevelNames(world, path, directory);
    const mount = await world.pace.run(reserveRows(world, directory), check);
    const firstFile = world.files.length;
    const sourceIndex = world.io.addSource(source);
    for (const pack of head.packs)
      world.files.push({ source: sourceIndex, file: folder + pack.file });
    const opened: OpenedWorld = {
      name: head.name,
      path,
      bounds: head.bounds,
      source: sourceIndex,
      endReading,
      opening: ending,
      mount,
      firstFile,
      fileCount: head.packs.length,
      groups: [],
      isAdmitted: false,
      levels: [],
      lostSlices: new Set(),
      readLost: () => undefined,
    };
    world.opened.push(opened);
    return opened;
  } finally {
    world.reserving = null;
    release();
    giveRowsBack(world);
  }
}

/** What is asked of a level goes by its name alone: two of one name are a mistake of one of the worlds. */
function checkLevelNames(world: StreamWorld, path: string, directory: Directory): void {
  const names = new Set<string>();
  const refuse = (name: string, where: string): void =>
    assert(
      false,
      `${path} has a level "${name}"${where}; expected levels of different names: ` +
        'rename one and cook its world again, or close the other world',
    );
  for (const row of directory.levelNames) {
    const name = stringAt(directory, row);
    if (names.has(name)) refuse(name, ' twice');
    names.add(name);
  }
  for (const { name: other, mount } of world.opened)
    for (const name of mount.levelNames)
      if (names.has(name)) refuse(name, `, which the opened world "${other}" has too`);
}

/** Fills the rows, and makes the world take part in all decisions. */
async function fill(
  { world, check }: Opening,
  opened: OpenedWorld,
  directory: Directory,
): Promise<void> {
  const { pace } = world;
  await pace.run(fillRows(world, directory, opened.mount, opened.firstFile), check);
  // Frames in between may have reckoned with cells whose assets were not there.
  world.cells.detailedCount = Math.min(world.cells.detailedCount, opened.mount.firstCell);
  fitGeometry(world, opened.mount.firstPayload);
  await pace.run(admitWorld(world, opened), check);
}
