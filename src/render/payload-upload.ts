/**
 * One payload on its way to the GPU, over as many frames as it takes: a place for its geometry, its
 * materials, its geometry piece by piece, its textures one by one.
 */
import type { BufferAttribute, BufferGeometry, Material } from 'three';
import { reasonOf } from '../base/errors.ts';
import type { DecodedPrimitive, MeshContent } from '../io/content.ts';
import type { UploadLimits } from '../memory/upload-allowance.ts';
import { createGeometry, geometryBytes } from './geometry.ts';
import { GeometryLease, LeaseWriter } from './geometry-lease.ts';
import { type GeometryPool, HOPELESS, NO_ROOM, type Refusal, TOO_LARGE } from './geometry-pool.ts';
import { createMaterial, materialKey } from './materials.ts';
import type { PayloadPart, PayloadResourceOptions, PayloadResources } from './payload-resources.ts';
import { closeBitmaps, createTextureSet, type TextureSet } from './textures.ts';

/** Frames that a payload waits for ranges to move out of its way, where it may have buffers of its own. */
const MAX_WAIT_FRAMES = 60;

/** Geometry that has asked for its place in the shared buffers. */
interface Asked {
  lease: GeometryLease;
  geometries: BufferGeometry[];
}

export class PayloadUpload {
  readonly #payload: number;
  readonly #content: MeshContent;
  readonly #label: string;
  readonly #options: PayloadResourceOptions;
  readonly #materials = new Map<string, Material>();
  /** Those that are not the game's. */
  readonly #own = new Set<Material>();
  #geometries: BufferGeometry[] = [];
  #parts: PayloadPart[] | null = null;
  #textures: TextureSet | null = null;
  #lease: GeometryLease | null = null;
  #writer: LeaseWriter | null = null;
  /** Until it has its place. */
  #asked: Asked | null = null;
  #waitedFrames = 0;
  #isDone = false;
  /** Bytes of geometries with buffers of their own: the renderer makes these when it first draws. */
  #drawnBytes = 0;

  constructor(
    payload: number,
    content: MeshContent,
    label: string,
    options: PayloadResourceOptions,
  ) {
    this.#payload = payload;
    this.#content = content;
    this.#label = label;
    this.#options = options;
  }

  /**
   * Goes on, as far as the limits allow; true once everything is on the GPU and the bitmaps are
   * closed. On an error everything made so far is freed.
   */
  step(limits?: UploadLimits): boolean {
    try {
      this.#isDone = this.#advance(limits);
      return this.#isDone;
    } catch (error) {
      this.dispose();
      closeBitmaps(this.#content.images);
      const reason = reasonOf(error);
      throw new Error(`${this.#label}: ${reason}`, { cause: error });
    }
  }

  /** What has been made. Throws before `step` has returned true. */
  get resources(): PayloadResources {
    const { scale, offset, primitives } = this.#content;
    if (!this.#isDone) throw new Error(`${this.#label} is not uploaded yet`);
    const parts = this.#parts!;
    const drawnBytes = (): number => this.#drawnBytes;
    return {
      payload: this.#payload,
      label: this.#label,
      scale,
      offset,
      parts,
      triangleCount: parts.reduce((sum, part) => sum + part.triangleCount, 0),
      geometryBytes: primitives.reduce((sum, part) => sum + geometryBytes(part), 0),
      textureBytes: this.#textures!.bytes,
      castsShadow: true,
      isShared: this.#lease !== null,
      get drawnBytes() {
        return drawnBytes();
      },
      dispose: () => this.dispose(),
      unload: () => this.#unload(),
    };
  }

  /** Bytes of its textures that are on the GPU by now. */
  get textureBytes(): number {
    return this.#textures?.uploadedBytes ?? 0;
  }

  /**
   * Begins anew: what was handed over is gone. Not after `step` has returned true, when the images
   * are gone too.
   */
  restart(): void {
    this.dispose();
    this.#geometries = [];
    this.#parts = null;
    this.#textures = null;
    this.#lease = null;
    this.#writer = null;
    this.#materials.clear();
    this.#own.clear();
  }

  /** Frees all that was made; bitmaps that are not uploaded stay open. */
  dispose(): void {
    this.#unload();
    const lease = this.#lease ?? this.#asked?.lease;
    if (lease) this.#pool!.free(lease);
    this.#asked = null;
  }

  get #pool(): GeometryPool | null {
    return this.#options.memory?.pool ?? null;
  }

  #unload(): void {
    for (const geometry of this.#geometries) geometry.dispose();
    for (const material of this.#own) material.dispose();
    this.#textures?.dispose();
    this.#drawnBytes = 0;
  }

  #advance(limits: UploadLimits | undefined): boolean {
    if (this.#geometries.length === 0 && !this.#placeGeometries(limits)) return false;
    this.#parts ??= this.#createParts();
    if (this.#writer && !this.#pool!.write(this.#writer, limits)) return false;
    this.#writer = null;
    return this.#textures!.upload(this.#options.renderer, limits);
  }

  /** False while it waits for a place: others move, or go for its sake. */
  #placeGeometries(limits: UploadLimits | undefined): boolean {
    const pool = this.#pool;
    const { primitives } = this.#content;
    if (!pool || primitives.length === 0) {
      this.#geometries = this.#createSeparate();
      return true;
    }
    this.#asked ??= this.#createAsked();
    const { lease, geometries } = this.#asked;
    const refusal = pool.take(lease);
    if (refusal === null) {
      this.#lease = lease;
      this.#writer = new LeaseWriter(lease);
      this.#geometries = geometries;
      this.#asked = null;
      return true;
    }
    // Without limits it is now or never.
    const isHopeless = refusal === TOO_LARGE || refusal === HOPELESS || limits === undefined;
    if (!this.#options.memory!.mayHaveOwn) {
      if (isHopeless) throw new Error(describeRefusal(refusal, lease, pool));
      return false;
    }
    if (!isHopeless && refusal !== NO_ROOM && this.#waitedFrames++ < MAX_WAIT_FRAMES) return false;
    pool.free(lease);
    this.#asked = null;
    this.#geometries = this.#createSeparate();
    return true;
  }

  #createAsked(): Asked {
    const { primitives } = this.#content;
    const geometries = primitives.map((one) => createGeometry(one, this.#content, true));
    return { lease: new GeometryLease(geometries), geometries };
  }

  #createSeparate(): BufferGeometry[] {
    return this.#content.primitives.map((primitive) => {
      const geometry = createGeometry(primitive, this.#content);
      // All of a geometry's buffers are made in one go; this is one that each has.
      const { position } = geometry.attributes;
      (position as BufferAttribute).onUpload(() => {
        this.#drawnBytes += geometryBytes(primitive);
      });
      return geometry;
    });
  }

  #createParts(): PayloadPart[] {
    const { images, primitives } = this.#content;
    this.#textures = createTextureSet(images, this.#options.anisotropy);
    return primitives.map((primitive, i): PayloadPart => {
      const geometry = this.#geometries[i]!;
      const material = this.#materialOf(primitive, geometry);
      return { geometry, material, triangleCount: primitive.index.length / 3 };
    });
  }

  #materialOf(primitive: DecodedPrimitive, geometry: BufferGeometry): Material {
    const { materials } = this.#content;
    const record = materials[primitive.material];
    if (!record || !this.#textures) {
      const { length } = materials;
      throw new Error(`a primitive refers to material ${primitive.material} of ${length}`);
    }
    const key = materialKey(record, geometry);
    const known = this.#materials.get(key);
    if (known) return known;
    const made = createMaterial(record, geometry, this.#textures);
    this.#own.add(made);
    const context = { payload: this.#payload, label: this.#label, geometry };
    const used = this.#options.onMaterial?.(made, record, context) ?? made;
    if (used !== made) {
      this.#own.delete(made);
      made.dispose();
    }
    this.#materials.set(key, used);
    return used;
  }
}

function describeRefusal(refusal: Refusal, lease: GeometryLease, pool: GeometryPool): string {
  const { vertices, indices } = pool;
  const why =
    refusal === TOO_LARGE
      ? `the shared buffers hold ${vertices.arena.capacityBytes} and ${indices.arena.capacityBytes} in all`
      : `of the shared buffers ${vertices.arena.freeBytes} and ${indices.arena.freeBytes} are free`;
  return (
    `its vertices take ${lease.vertexBytes} bytes and its indices ${lease.indexBytes}, but ${why}; ` +
    "raise geometryBytes, or set geometryLimit to 'soft'"
  );
}
