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
import { NO_ROOM } from './geometry-pool.ts';
import { createMaterial, materialKey } from './materials.ts';
import type { PayloadPart, PayloadResourceOptions, PayloadResources } from './payload-resources.ts';
import { closeBitmaps, createTextureSet, type TextureSet } from './textures.ts';

/**
 * Frames that a payload waits for ranges to move out of its way. Then it gets buffers of its own:
 * others may take what becomes free again and again, and nothing may be stuck.
 */
const MAX_WAIT_FRAMES = 60;

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
    if (this.#lease) this.#options.pool!.free(this.#lease);
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
    if (this.#writer && !this.#options.pool!.write(this.#writer, limits)) return false;
    this.#writer = null;
    return this.#textures!.upload(this.#options.renderer, limits);
  }

  /** False where a place will be free when others have moved. */
  #placeGeometries(limits: UploadLimits | undefined): boolean {
    const { pool } = this.#options;
    const { primitives } = this.#content;
    if (!pool || primitives.length === 0) {
      this.#geometries = this.#createSeparate();
      return true;
    }
    const shared = primitives.map((one) => createGeometry(one, this.#content, true));
    const lease = new GeometryLease(shared);
    const refusal = pool.take(lease);
    if (refusal !== null) {
      // A full buffer will not be emptied for it, unless something else goes.
      const isHopeless = refusal === NO_ROOM && (this.#options.maySpill?.(lease.bytes) ?? true);
      const mayWait = limits !== undefined && this.#waitedFrames++ < MAX_WAIT_FRAMES;
      if (mayWait && !isHopeless) return false;
      this.#geometries = this.#createSeparate();
      return true;
    }
    this.#lease = lease;
    this.#writer = new LeaseWriter(lease);
    this.#geometries = shared;
    return true;
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
