/**
 * The plugin under test: the real systems as `installStreaming` sets them up. Injected are the clock,
 * the link, the viewpoint and the catalog, and a decoder that lets the opaque payloads through.
 */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import type { StreamingOptions } from '../../../src/options.ts';
import { installStreaming, type Streaming } from '../../../src/plugin.ts';
import { createOpaqueDecoder } from '../../lib/opaque-decoder.ts';
import {
  FAR_METERS,
  FRAME_SECONDS,
  LOD_COUNT,
  MIN_SIZE_PX,
  SCREEN_HEIGHT_PX,
  TARGET_ERROR_PX,
} from '../constants.ts';
import type { Reports } from '../ledger.ts';
import type { CreateSubject, Pose, Subject, SubjectContext } from '../subject.ts';
import { assetOf, type FlythroughBundle, makeBundle } from './bundle.ts';
import { createLinkClock, drain, type LinkClock } from './link-clock.ts';
import { createLinkSource, type LinkSource, type ReadReports } from './link-source.ts';

/** What a flight says about its picture: everything else is as the plugin has it by itself. */
const PICTURE: Partial<StreamingOptions> = {
  errorPixels: TARGET_ERROR_PX,
  minPixels: MIN_SIZE_PX,
  drawDistanceMeters: FAR_METERS,
};

/** The plugin with its defaults, or with `options` changed. */
export function pluginSubject(options: Partial<StreamingOptions> = {}): CreateSubject {
  return async (context) => {
    const subject = new PluginSubject(context, options);
    await subject.open();
    return subject;
  };
}

class PluginSubject implements Subject {
  private readonly clock: LinkClock;
  private readonly source: LinkSource;
  private readonly streaming: Streaming;
  private readonly ecs = createWorld();
  private readonly shown: Shown;
  private viewpoint = 0;

  constructor(context: SubjectContext, options: Partial<StreamingOptions>) {
    const { world, link, budgetBytes, reports } = context;
    const bundle = makeBundle(world);
    this.clock = createLinkClock(link);
    this.source = createLinkSource(link, bundle, reportReads(bundle, reports));
    this.shown = new Shown(world.count, reports);
    this.streaming = installStreaming(this.ecs, {
      source: this.source,
      clock: this.clock,
      decoder: createOpaqueDecoder(),
      budgetBytes,
      maxInFlight: link.options.concurrency,
      ...PICTURE,
      ...options,
    });
    this.streaming.attachView(this.shown, { beforeUpdate: () => undefined });
  }

  /** Opens the world before the flight begins. */
  async open(): Promise<void> {
    let isOpen = false;
    const opening = this.streaming.open('world.json').then(() => {
      isOpen = true;
    });
    while (!isOpen) {
      await drain();
      this.runFrame(0);
    }
    await opening;
    const { Viewpoint } = this.streaming.components;
    this.viewpoint = addEntity(this.ecs);
    addComponent(this.ecs, this.viewpoint, set(Viewpoint, { heightPixels: SCREEN_HEIGHT_PX }));
  }

  async delivered(): Promise<void> {
    this.source.deliver();
    await drain();
    await this.clock.fire();
  }

  announce({ x, y, yaw }: Pose, etaS: number): void {
    const direction = [Math.cos(yaw), 0, Math.sin(yaw)] as const;
    this.streaming.announce({ position: [x, 0, y], direction }, etaS);
  }

  async frame(_frame: number, { x, y, yaw }: Pose): Promise<void> {
    await this.delivered();
    const { Viewpoint } = this.streaming.components;
    Viewpoint.eye.set([x, 0, y], this.viewpoint * 3);
    // A camera looks along -z, turned by the angle about +y.
    const half = Math.atan2(-Math.cos(yaw), -Math.sin(yaw)) / 2;
    Viewpoint.orientation.set([0, Math.sin(half), 0, Math.cos(half)], this.viewpoint * 4);
    this.runFrame(FRAME_SECONDS);
    await drain();
  }

  best(): Int8Array {
    return this.shown.best;
  }

  usedBytes(): number {
    return this.streaming.stats().usedBytes;
  }

  async dispose(): Promise<void> {
    this.shown.isOver = true;
    await this.streaming.dispose();
  }

  private runFrame(seconds: number): void {
    this.streaming.begin();
    this.streaming.update(seconds);
    this.streaming.commit();
  }
}

/** A view that draws nothing: the finest resident level of each object is what it would show. */
class Shown {
  readonly best: Int8Array;
  /** From here on nothing is reported: the flight is over. */
  isOver = false;
  private readonly resident: Uint8Array;
  private readonly reports: Reports;

  constructor(count: number, reports: Reports) {
    this.best = new Int8Array(count).fill(-1);
    this.resident = new Uint8Array(count * LOD_COUNT);
    this.reports = reports;
  }

  upload(payload: number): void {
    this.change(payload, 1);
    this.reports.loaded(assetOf(payload));
  }

  release(payload: number): void {
    if (this.isOver) return;
    this.change(payload, 0);
    this.reports.evicted(assetOf(payload));
  }

  show(): void {}

  move(): void {}

  private change(payload: number, isResident: 0 | 1): void {
    this.resident[payload] = isResident;
    const first = payload - (payload % LOD_COUNT);
    let lod = 0;
    while (lod < LOD_COUNT && this.resident[first + lod] === 0) lod++;
    this.best[first / LOD_COUNT] = LOD_COUNT - 1 - lod;
  }
}

/** From places in packs back to assets. */
function reportReads({ payloadAt }: FlythroughBundle, reports: Reports): ReadReports {
  const assetAt = (file: string, start: number): number => {
    const payload = payloadAt.get(`${file}:${start}`);
    if (payload === undefined)
      throw new Error(`flythrough: no payload begins at byte ${start} of ${file}`);
    return assetOf(payload);
  };
  return {
    opened: (file, start) => reports.opened(assetAt(file, start)),
    cancelled: (file, start) => reports.cancelled(assetAt(file, start)),
  };
}
