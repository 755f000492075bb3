/**
 * What streaming costs the main thread of a browser while it uploads: by way of the staging ring and
 * directly, with and without limits per frame, and with buffers per payload as without shared ones.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Document, NodeIO } from '@gltf-transform/core';
import sharp from 'sharp';
import { cook } from '../../cook/index.ts';
import { launchBrowser, openPage } from '../../test/support/browser.ts';
import { createPrimitive } from '../../test/support/gltf-primitive.ts';
import { makePicture } from '../../test/support/ktx2.ts';
import { NO_PLACEMENTS } from '../../test/support/placements.ts';
import { percentile, round } from '../lib/stats.ts';
import type { FlightSeries, FlightVariant } from './client/upload-page.ts';
import type { MemoryOptions } from './memory.ts';

/** One way of uploading; milliseconds of the main thread, kilobytes of garbage, per frame. */
export interface UploadRow {
  variant: string;
  frames: number;
  /** Frames in which something was uploaded. */
  busyFrames: number;
  uploadedMegabytes: number;
  /** All three phases of the plugin, in busy frames. */
  streamingMs: { p50: number; p99: number; max: number };
  /** `renderer.render`, in busy frames: three.js makes separate buffers there. */
  renderMs: { p50: number; p99: number; max: number };
  /** Both in one frame. */
  bothMs: { p50: number; p99: number; max: number };
  /** Growth of the JavaScript heap in `commit`, frames with a collection left out. */
  garbageKilobytes: { p50: number; p99: number };
}

const MEBIBYTE = 1024 * 1024;
const NO_LIMIT = { uploadBytesPerFrame: 1e9, uploadMsPerFrame: 1e4 };
const LIMITS = { uploadBytesPerFrame: 8 * MEBIBYTE, uploadMsPerFrame: 2 };
const SHARED = { geometryBytes: 64 * MEBIBYTE };

const VARIANTS: readonly FlightVariant[] = [
  { name: 'ring, limits', view: { ...SHARED, stagingBytes: 8 * MEBIBYTE }, plugin: LIMITS },
  { name: 'no ring, limits', view: { ...SHARED, stagingBytes: 0 }, plugin: LIMITS },
  { name: 'ring, no limits', view: { ...SHARED, stagingBytes: 8 * MEBIBYTE }, plugin: NO_LIMIT },
  { name: 'no ring, no limits', view: { ...SHARED, stagingBytes: 0 }, plugin: NO_LIMIT },
  { name: 'separate buffers, limits', view: { geometryBytes: 0 }, plugin: LIMITS },
  { name: 'separate buffers, no limits', view: { geometryBytes: 0 }, plugin: NO_LIMIT },
];

/** Of `memory`: writes a world, flies over it once per variant and round, and prints the table. */
export async function measureUploadSection(
  { quick }: MemoryOptions,
  tell: (what: string) => void,
): Promise<UploadRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'farfield-upload-'));
  const models = quick ? 6 : 12;
  const rounds = quick ? 1 : 2;
  try {
    await writeWorld(folder, models, tell);
    const series = new Map(VARIANTS.map(({ name }) => [name, [] as FlightSeries[]]));
    // Round by round, so that whatever the machine does beside hits all alike.
    for (let round = 0; round < rounds; round++)
      for (const variant of VARIANTS) {
        series.get(variant.name)!.push(await fly(join(folder, 'world'), models, variant));
        tell(`round ${round + 1} of ${rounds}: ${variant.name}`);
      }
    const rows = [...series].map(([name, flights]) => summarize(name, flights));
    for (const row of rows) tell(lineOf(row));
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeWorld(
  folder: string,
  models: number,
  tell: (what: string) => void,
): Promise<void> {
  const inputs = Array.from({ length: models }, (_, i) => join(folder, `ball-${i}.glb`));
  for (const [i, path] of inputs.entries()) await writeBall(path, i);
  tell(`cooking ${models} models`);
  await cook({ inputs, out: join(folder, 'world'), placements: NO_PLACEMENTS });
}

/** A bumpy ball, so that no simplification is free. */
function makeBall(rings: number, sides: number) {
  const positions: number[] = [];
  const normals: number[] = [];
  const uvs: number[] = [];
  const index: number[] = [];
  for (let ring = 0; ring <= rings; ring++)
    for (let side = 0; side <= sides; side++) {
      const [up, around] = [(ring / rings) * Math.PI, (side / sides) * 2 * Math.PI];
      const normal = [
        Math.sin(up) * Math.cos(around),
        Math.cos(up),
        Math.sin(up) * Math.sin(around),
      ];
      const radius = 1 + 0.05 * Math.sin(up * 18) * Math.sin(around * 14);
      positions.push(...normal.map((value) => value * radius));
      normals.push(...normal);
      uvs.push(side / sides, ring / rings);
      const a = ring * (sides + 1) + side;
      const b = a + sides + 1;
      if (ring < rings && side < sides) index.push(a, a + 1, b, a + 1, b + 1, b);
    }
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    uvs: Float32Array.from(uvs),
    index: Uint32Array.from(index),
  };
}

/** A ball of 2 to 25 thousand vertices under a picture of 64 to 512 pixels. */
async function writeBall(path: string, i: number): Promise<void> {
  const document = new Document();
  const buffer = document.createBuffer();
  const side = [64, 256, 512][i % 3]!;
  const { data } = makePicture(side, side);
  const opaque = data.map((value, at) => (at % 4 === 3 ? 255 : value));
  const raw = { width: side, height: side, channels: 4 } as const;
  const image = await sharp(opaque, { raw }).png().toBuffer();
  const texture = document.createTexture().setMimeType('image/png').setImage(image);
  const material = document.createMaterial().setBaseColorTexture(texture);
  const rings = [40, 80, 140][(i >> 1) % 3]! + i;
  const primitive = createPrimitive(
    document,
    buffer,
    material,
    makeBall(rings, Math.round(rings * 1.25)),
  );
  const mesh = document.createMesh().addPrimitive(primitive);
  document.createScene().addChild(document.createNode().setMesh(mesh));
  await new NodeIO().write(path, document);
}

/** In a browser of its own: heap and drivers begin alike. */
async function fly(world: string, models: number, variant: FlightVariant): Promise<FlightSeries> {
  const flags = ['--enable-precise-memory-info'];
  const browser = await launchBrowser({ watchdogMs: 300_000, flags });
  try {
    const opened = await openPage(browser, {
      entry: 'bench/memory/client/upload-page.ts',
      mounts: { '/world/': world },
      timeoutMs: 240_000,
    });
    await opened.page.waitForFunction('globalThis.uploadPage !== undefined');
    const series = (await opened.page.evaluate(
      `uploadPage.fly(${JSON.stringify(variant)}, ${models})`,
    )) as FlightSeries;
    if (opened.problems.length > 0) throw new Error(`bench: ${opened.problems.join('; ')}`);
    await opened.close();
    return series;
  } finally {
    await browser.close();
  }
}

function summarize(variant: string, flights: readonly FlightSeries[]): UploadRow {
  const frames = flights.flatMap((flight) => flight.frames);
  const busy = frames.filter(({ uploadedBytes }) => uploadedBytes > 0);
  const of = (pick: (frame: FlightSeries['frames'][number]) => number) => {
    const values = busy.map(pick);
    return {
      p50: round(percentile(values, 0.5), 3),
      p99: round(percentile(values, 0.99), 3),
      max: round(Math.max(...values), 3),
    };
  };
  const garbage = busy.map(({ heapBytes }) => heapBytes / 1024).filter((bytes) => bytes >= 0);
  return {
    variant,
    frames: frames.length,
    busyFrames: busy.length,
    uploadedMegabytes: round(
      busy.reduce((sum, frame) => sum + frame.uploadedBytes, 0) / 1e6 / flights.length,
    ),
    streamingMs: of((frame) => frame.streamingMs),
    renderMs: of((frame) => frame.renderMs),
    bothMs: of((frame) => frame.streamingMs + frame.renderMs),
    garbageKilobytes: {
      p50: round(percentile(garbage, 0.5), 3),
      p99: round(percentile(garbage, 0.99), 3),
    },
  };
}

function lineOf(row: UploadRow): string {
  const { variant, busyFrames, streamingMs, renderMs, bothMs, garbageKilobytes } = row;
  const both = `both ${bothMs.p50} / ${bothMs.p99} / ${bothMs.max} ms`;
  return (
    `${variant}: ${busyFrames} busy frames, streaming ${streamingMs.p50} / ${streamingMs.p99} ms, ` +
    `render ${renderMs.p50} / ${renderMs.p99} ms, ${both}, ` +
    `garbage ${garbageKilobytes.p50} / ${garbageKilobytes.p99} KB`
  );
}
