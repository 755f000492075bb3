/**
 * The cook: models, terrain and placements become a bundle. Same input, same bytes: nothing of what
 * is written depends on time, on thread timing or on where the files lie.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { residentBytesOf } from '../src/base/payload-cost.ts';
import { type FileRecord, FORMAT_NAME, FORMAT_VERSION } from '../src/io/bundle/format.ts';
import { formatHead } from '../src/io/bundle/read-head.ts';
import { directoryBytesOf, writeCatalog } from '../src/io/bundle/write-catalog.ts';
import { lz4Block } from '../src/io/bundle/write-payload.ts';
import { type BuiltCatalog, buildCatalog } from './build-catalog.ts';
import type { CookedModel, ModelJob } from './cook-model.ts';
import type { CookedProxy } from './cook-proxy.ts';
import { CookError } from './errors.ts';
import { cookFile, type FileInput } from './files.ts';
import { checkGrids, type GridOptions } from './grids.ts';
import { checkNames, compare, findModels, type ModelInput } from './inputs.ts';
import type { CookJob, CookResult } from './jobs.ts';
import { readLevels } from './levels.ts';
import { COOK_DEFAULTS, type CookOptions, checkOptions, type ResolvedOptions } from './options.ts';
import { fillPack, planPacks } from './pack.ts';
import { exhibit, type PlacedColumns, placeAll } from './place.ts';
import { readPlacements } from './placements.ts';
import { defaultWorkers, runJobs } from './pool.ts';
import {
  type MadeProxy,
  type ProxyWishes,
  pieceErrors,
  placeProxies,
  planProxies,
  proxyDistances,
  proxyJob,
} from './proxies.ts';
import { type CookReport, makeReport } from './report.ts';
import { describePartition } from './report-partition.ts';
import { type Staging, stage } from './staging.ts';
import type { NamedPlacements, PlacementTable } from './table.ts';
import { type CookedTerrain, joinTerrain, loadTerrain, terrainJobs } from './terrain.ts';
import type { CookedTile, TerrainInput } from './terrain-tile.ts';
import { compareFiles } from './update.ts';
import { VERSION } from './version.ts';

/** Cooks a world into `options.out`. Rejects with `CookError`; then nothing has been written. */
export async function cook(options: CookOptions): Promise<CookReport> {
  const startedMs = performance.now();
  const resolved = checkOptions({ ...COOK_DEFAULTS, ...options });
  const staging = await stage(resolved.out);
  try {
    const report = await cookInto(staging, resolved);
    await staging.publish();
    return { ...report, seconds: (performance.now() - startedMs) / 1000 };
  } finally {
    await staging.discard();
  }
}

async function cookInto(staging: Staging, options: ResolvedOptions): Promise<CookReport> {
  const inputs = await findModels(options.inputs);
  if (inputs.length === 0 && options.files.length === 0 && !options.heightmap)
    throw new CookError('nothing to cook: name models, folders, a --heightmap or a --file');
  checkNames([...inputs, ...options.files]);
  const levels = options.levels ? await readLevels(options.levels) : [];
  checkGrids(options.grids, levels);
  // Before the long work: a typing error in the placements should not cost minutes.
  const placements = await readTable(options, inputs);
  const terrainInput = options.heightmap ? await loadTerrain(terrainOptions(options)) : null;
  const wishes = { levels, grids: options.grids, proxies: options.proxies };
  const work = planWork({ inputs, placements, wishes, options });
  const { models, terrain } = await cookAll(inputs, terrainInput, work, options);
  const files = await Promise.all(sortedFiles(options.files).map(cookFile));
  const placed = placeModels(models, terrain, placements, wishes);
  const proxies = await cookProxies({ models, files, placed, wishes, work, options });
  // After the models, whose rows the placements name; of files there are no placements.
  const all = [...models, ...proxies.map(({ model }) => model), ...files];
  const complete = placeProxies(placed, proxies, models.length);
  const built = buildCatalog({ models: all, placed: complete, terrain });
  const cooked = { models: all, terrain, proxies, placed: complete };
  return write(staging, built, cooked, options);
}

/** What is known of the proxies before anything is cooked. */
interface Work {
  /** From where they are seen (meters). */
  distances: number[];
  /** What they tolerate of each asset, by name. */
  errors: Map<string, number[]>;
  /** Share of jobs that is set aside for them in what is told of progress. */
  expectedProxies: number;
  /** Jobs other than those for proxies; known once they are made. */
  jobs: number;
}

function planWork({
  inputs,
  placements,
  wishes,
  options,
}: {
  inputs: readonly ModelInput[];
  placements: NamedPlacements | null;
  wishes: ProxyWishes;
  options: ResolvedOptions;
}): Work {
  const distances = proxyDistances(wishes);
  const names = inputs.map(({ name }) => name);
  const errors =
    distances.length > 0 ? pieceErrors(names, placements, distances) : new Map<string, number[]>();
  const squares = options.proxies && placements ? countSquares(placements.table, options.grids) : 0;
  return { distances, errors, expectedProxies: distances.length > 0 ? squares + 1 : 0, jobs: 0 };
}

/** About how many squares there will be: levels and layers are not looked at. */
function countSquares({ positions }: PlacementTable, grids: readonly GridOptions[]): number {
  const squares = new Set<string>();
  for (const { edge } of grids)
    for (let i = 0; i < positions.length; i += 3)
      squares.add(`${Math.floor(positions[i]! / edge)} ${Math.floor(positions[i + 2]! / edge)}`);
  return squares.size;
}

async function readTable(
  options: ResolvedOptions,
  inputs: readonly ModelInput[],
): Promise<NamedPlacements | null> {
  const { placements } = options;
  if (placements === null) return null;
  if (typeof placements !== 'string') return { table: placements, levelNames: null };
  return readPlacements(
    placements,
    inputs.map(({ name }) => name),
  );
}

function terrainOptions(options: ResolvedOptions) {
  const { heightmap, heightmapColor, size, height, heightBase, tileCells, textures } = options;
  return {
    heightmap: heightmap!,
    color: heightmapColor,
    size: size!,
    height,
    base: heightBase,
    tileCells,
    textures,
  };
}

async function cookAll(
  inputs: readonly ModelInput[],
  terrainInput: TerrainInput | null,
  work: Work,
  options: ResolvedOptions,
): Promise<{ models: CookedModel[]; terrain: CookedTerrain | null }> {
  const tileJobs = terrainInput
    ? terrainJobs(terrainInput, { compression: options.compression, mbps: options.linkMbps })
    : [];
  const modelJobs = await modelJobsOf(inputs, work.errors, options);
  const jobs: CookJob[] = [...modelJobs, ...tileJobs];
  const name = (job: CookJob): string =>
    job.kind === 'terrain' ? `terrain tiles ${job.first} to ${job.end - 1}` : job.name;
  work.jobs = jobs.length;
  const total = work.jobs + work.expectedProxies;
  options.onProgress?.(0, total, '');
  const results: CookResult[] = await runJobs(jobs, {
    workers: options.workers ?? defaultWorkers(),
    onDone: (index, done) => options.onProgress?.(done, total, name(jobs[index]!)),
  });
  const models = results.slice(0, modelJobs.length) as CookedModel[];
  const order = new Map(inputs.map((input, i) => [input.name, i]));
  models.sort((a, b) => order.get(a.name)! - order.get(b.name)!);
  const tiles = (results.slice(modelJobs.length) as CookedTile[][]).flat();
  return { models, terrain: terrainInput && joinTerrain(terrainInput, tiles) };
}

/** Largest files first, so that no thread is left with a long one at the end. */
async function modelJobsOf(
  inputs: readonly ModelInput[],
  errors: ReadonlyMap<string, number[]>,
  options: ResolvedOptions,
): Promise<ModelJob[]> {
  const { meshCodec, allAttributes, compression, linkMbps, linkLatencyMs } = options;
  const { textureSize, textures, textureQuality } = options;
  const sized = await Promise.all(
    inputs.map(async (input) => ({ ...input, bytes: (await stat(input.file)).size })),
  );
  sized.sort((a, b) => b.bytes - a.bytes);
  return sized.map(({ name, file }) => ({
    kind: 'model',
    name,
    file,
    codec: meshCodec,
    compression,
    link: { mbps: linkMbps, latencyMs: linkLatencyMs },
    allAttributes,
    textureSize,
    textures: { codec: textures, quality: textureQuality },
    pieceErrors: errors.get(name) ?? [],
    pieceTriangles: options.proxyTriangles,
  }));
}

function sortedFiles(files: readonly FileInput[]): FileInput[] {
  return [...files].sort((a, b) => compare(a.name, b.name));
}

function placeModels(
  models: readonly CookedModel[],
  terrain: CookedTerrain | null,
  placements: NamedPlacements | null,
  { levels, grids }: ProxyWishes,
): PlacedColumns {
  const assetNames = models.map(({ name }) => name);
  const spheres = models.map(({ sphere }) => sphere);
  const ground = terrain?.grid ?? null;
  const named = placements ?? exhibit(assetNames, spheres);
  return placeAll({ placements: named, assetNames, levels, grids, ground });
}

interface ProxyInput {
  models: readonly CookedModel[];
  files: readonly CookedModel[];
  placed: PlacedColumns;
  wishes: ProxyWishes;
  work: Work;
  options: ResolvedOptions;
}

/** Stand-ins and where they stand, without those of levels of which nothing can be seen. */
async function cookProxies({
  models,
  files,
  placed,
  wishes,
  work,
  options,
}: ProxyInput): Promise<MadeProxy[]> {
  const plans = planProxies(placed, wishes);
  const { jobs, expectedProxies } = work;
  const tell = (done: number, what: string): void => {
    const share = plans.length > 0 ? done / plans.length : 1;
    const total = jobs + expectedProxies;
    options.onProgress?.(jobs + Math.floor(share * expectedProxies), total, what);
  };
  if (plans.length === 0) {
    if (expectedProxies > 0) tell(0, '');
    return [];
  }
  const named = plans.map(({ name }) => ({ name, file: `the proxy "${name}"` }));
  checkNames([...models, ...files, ...named]);
  const { meshCodec: codec, compression, linkMbps, linkLatencyMs, textures } = options;
  const settings = {
    triangles: options.proxyTriangles,
    codec,
    compression,
    link: { mbps: linkMbps, latencyMs: linkLatencyMs },
    textures: { codec: textures, quality: options.textureQuality },
  };
  const results = (await runJobs(
    plans.map((plan) => () => proxyJob(plan, placed, models, work.distances, settings)),
    {
      workers: options.workers ?? defaultWorkers(),
      onDone: (index, done) => tell(done, plans[index]!.name),
    },
  )) as CookedProxy[];
  return plans.flatMap((plan, i) => {
    const { model, kept } = results[i]!;
    return model ? [{ ...plan, model, kept }] : [];
  });
}

interface Cooked {
  models: readonly CookedModel[];
  terrain: CookedTerrain | null;
  proxies: readonly MadeProxy[];
  placed: PlacedColumns;
}

async function write(
  staging: Staging,
  built: BuiltCatalog,
  { models, terrain, proxies, placed }: Cooked,
  options: ResolvedOptions,
): Promise<CookReport> {
  const { catalog, payloads, order, labels, bounds } = built;
  const { chunkBytes } = options;
  const plan = planPacks(catalog.payloadEncodedBytes, order, (payload) => labels[payload]!, {
    chunkBytes,
  });
  catalog.payloadPacks.set(plan.packs);
  catalog.payloadOffsets.set(plan.offsets);
  const kept = new Set<string>();
  const save = async (kind: string, end: string, bytes: Uint8Array): Promise<FileRecord> => {
    const sha256 = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const file = `${kind}-${sha256}.${end}`;
    if (await staging.write(file, bytes)) kept.add(file);
    return { file, bytes: bytes.length, sha256 };
  };
  const packs: FileRecord[] = [];
  for (let pack = 0; pack < plan.sizes.length; pack++)
    packs.push(await save('pack', 'ffp', fillPack(plan, pack, payloads)));
  const catalogBytes = writeCatalog(catalog, lz4Block);
  const directoryBytes = directoryBytesOf(catalogBytes);
  const catalogFile = { ...(await save('catalog', 'ffc', catalogBytes)), directoryBytes };
  const { assets, levels, placements, terrain: tiles } = catalog.counts;
  const residentBytes = payloads.reduce(
    (sum, p) => sum + residentBytesOf(p.geometryBytes, p.textureBytes),
    0,
  );
  const head = formatHead({
    format: FORMAT_NAME,
    version: FORMAT_VERSION,
    name: options.name,
    generator: `farfield ${VERSION}`,
    catalog: catalogFile,
    packs,
    bounds,
    counts: { assets, payloads: payloads.length, levels, placements, terrain: tiles },
    residentBytes,
  });
  await staging.write('world.json', head);
  const { earlier } = staging;
  const update = earlier && compareFiles(earlier, kept, [...packs, catalogFile]);
  const files = { terrain, packs, catalogFile, residentBytes, update };
  const partition = describePartition(placed, proxies);
  return makeReport({ ...files, models, catalog, partition });
}
