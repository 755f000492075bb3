/** Where a world comes from: the server beside the page, or files that somebody dropped on it. */
import { httpSource, type Source } from '../../src/index.ts';
import { blobSource, parseHead, type WorldHead, zipSource } from '../../src/io/index.ts';
import type { DemoWorld, Triple } from './world-file.ts';

export interface WorldSite {
  source: Source;
  file: DemoWorld;
  /** Address of a picture that lies beside the world. */
  addressOf(name: string): string;
}

const HEAD = 'world.json';

/** One transparent pixel, for worlds without a picture. */
const NO_PICTURE = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

/** @param world folder below `/worlds/` */
export async function servedWorld(world: string): Promise<WorldSite> {
  const folder = `/worlds/${encodeURIComponent(world)}/`;
  const answer = await fetch(`${folder}demo.json`);
  if (!answer.ok)
    throw new Error(
      `${folder}demo.json: the server answered ${answer.status}; expected a cooked world there. ` +
        'Start the demo with `npm run demo`, which cooks it.',
    );
  const file = (await answer.json()) as DemoWorld;
  return { source: httpSource(folder), file, addressOf: (name) => `${folder}${name}` };
}

/** A world in one zip file, or in files of a folder. Throws when there is none in them. */
export async function givenWorld(files: readonly File[]): Promise<WorldSite> {
  const [first] = files;
  const isArchive = files.length === 1 && first !== undefined && /\.zip$/i.test(first.name);
  const given = blobSource(files);
  const source = isArchive ? zipSource(given, first.name) : given;
  const readText = async (name: string): Promise<string> =>
    new TextDecoder().decode(await source.readAll(name));
  const head = parseHead(await readText(HEAD));
  const file = await readText('demo.json').then(
    (text) => JSON.parse(text) as DemoWorld,
    () => describeWorld(head),
  );
  const pictures = new Map<string, string>();
  for (const name of [file.map, file.depth ?? ''])
    if (name !== '')
      pictures.set(name, URL.createObjectURL(new Blob([await source.readAll(name)])));
  return { source, file, addressOf: (name) => pictures.get(name) ?? NO_PICTURE };
}

/** What the demo must know of a world that was cooked for another game: a flight around it. */
function describeWorld({ name, bounds }: WorldHead): DemoWorld {
  const [minX, , minZ, maxX, maxY, maxZ] = bounds;
  const center: Triple = [(minX + maxX) / 2, maxY / 2, (minZ + maxZ) / 2];
  const reach = Math.max(maxX - minX, maxZ - minZ) / 2;
  const points = Array.from({ length: 12 }, (_, i): Triple => {
    const angle = (i / 12) * Math.PI * 2;
    const [x, z] = [Math.cos(angle) * reach * 0.6, Math.sin(angle) * reach * 0.6];
    return [center[0] + x, maxY + reach * 0.15, center[2] + z];
  });
  return {
    title: name,
    head: HEAD,
    sizeMeters: 2 * Math.max(...bounds.map(Math.abs)),
    seaLevelMeters: null,
    budgetBytes: 256 * 1024 * 1024,
    villages: [],
    landmarks: [],
    interiors: [],
    vessels: [],
    spawn: { position: points[0]!, target: center },
    autopilot: {
      points,
      targets: points.map(() => center),
      metersPerSecond: Math.max(2, reach / 20),
    },
    map: '',
    depth: null,
    depthRangeMeters: 1,
    credits: ['Given by you; nothing leaves this machine'],
  };
}
