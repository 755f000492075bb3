/**
 * Textures of a model, one size per LOD: each LOD has half the side of the one before. What an
 * image is used for decides how it is packed: colors, normals and plain data lose differently.
 */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { reasonOf } from '../src/base/errors.ts';
import type { MaterialRecord, TextureRef, TextureRole } from '../src/io/content.ts';
import { blockSide, type CookedImage, encodeImage, type TextureChoice } from './encode-image.ts';
import { CookError } from './errors.ts';
import { decodeKtx2 } from './ktx2.ts';
import type { SourceImage, SourceModel } from './model.ts';
import { channelMean, halve, hasAlpha, isUniform, type Pixels } from './pixels.ts';

type Slot = keyof MaterialRecord['textures'];
type Role = Exclude<TextureRole, 'hdr'>;

/** No image is made smaller than this on its longer side. */
const SMALLEST_SIDE = 4;

/** From this size down, normals and surface data no longer show: factors take their place. */
const DETAIL_SIDE = 32;

/** Materials and images of one LOD. */
export interface LodTextures {
  materials: MaterialRecord[];
  images: CookedImage[];
}

export class TextureSet {
  readonly #file: string;
  readonly #model: SourceModel;
  readonly #maxSide: number;
  readonly #choice: TextureChoice;
  readonly #levels = new Map<string, Pixels[]>();
  /** First image with the same bytes. */
  readonly #sameAs: number[];
  readonly #undecodable = new Set<number>();

  constructor(file: string, model: SourceModel, maxSide: number, choice: TextureChoice) {
    this.#file = file;
    this.#model = model;
    this.#maxSide = maxSide;
    this.#choice = choice;
    const first = new Map<string, number>();
    this.#sameAs = model.images.map(({ bytes }, i) => {
      const hash = createHash('sha256').update(bytes).digest('hex');
      const known = first.get(hash) ?? i;
      first.set(hash, known);
      return known;
    });
  }

  /** Decodes every image once. Throws `CookError` naming the file and the image. */
  async load(): Promise<void> {
    for (const [i, image] of this.#model.images.entries()) {
      if (this.#sameAs[i] !== i) continue;
      const pixels = await this.#decode(image);
      if (!pixels) {
        this.#undecodable.add(i);
        this.#model.warnings.push(
          `texture "${image.name}" is KTX2 and three.js is not installed to decode it: ` +
            'it is left out; install three, or export the model with PNG, JPEG or WebP textures',
        );
        continue;
      }
      const only = isUniform(pixels)
        ? { width: 1, height: 1, data: pixels.data.slice(0, 4) }
        : pixels;
      this.#levels.set(`${i}`, [only]);
    }
  }

  async #decode({ name, bytes, mimeType }: SourceImage): Promise<Pixels | null> {
    try {
      let input = sharp(bytes, { ignoreIcc: true, failOn: 'error' });
      if (mimeType === 'image/ktx2') {
        const decoded = await decodeKtx2(bytes);
        if (!decoded) return null;
        const { width, height, data } = decoded;
        input = sharp(data, { raw: { width, height, channels: 4 } });
      }
      const side = this.#maxSide;
      const { data, info } = await input
        .toColourspace('srgb')
        .ensureAlpha()
        .resize(side, side, { fit: 'inside', withoutEnlargement: true })
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      const pixels = { width: info.width, height: info.height, data: new Uint8Array(data) };
      return this.#choice.codec === 'webp' ? pixels : await fitBlocks(pixels);
    } catch (error) {
      throw new CookError(
        `${this.#file}: texture "${name}" (${mimeType}) cannot be decoded: ${reasonOf(error)}; ` +
          'replace the image',
      );
    }
  }

  /**
   * @param halvings how often every image is halved
   * @param used materials that the LOD still draws with; of the others no image is kept
   */
  async forLod(lod: number, halvings: number, used: ReadonlySet<number>): Promise<LodTextures> {
    const images: Promise<CookedImage>[] = [];
    const rows = new Map<string, number>();
    const materials = this.#model.materials.map((material, i) => {
      const record: MaterialRecord = { ...material, textures: {} };
      if (!used.has(i)) return record;
      for (const [slot, ref] of Object.entries(material.textures) as [Slot, TextureRef][]) {
        const image = this.#sameAs[ref.image]!;
        if (this.#undecodable.has(image)) continue;
        const role = this.#roleOf(slot, material, image);
        const pixels = this.#level(image, role, halvings);
        const isDetail = slot !== 'baseColor' && slot !== 'emissive';
        if (isDetail && lod > 0 && Math.max(pixels.width, pixels.height) <= DETAIL_SIDE) {
          foldDetail(record, slot, pixels);
          continue;
        }
        const key = `${image} ${role}`;
        let row = rows.get(key);
        if (row === undefined) {
          const wraps = ref.wrapS !== 'clamp' || ref.wrapT !== 'clamp';
          row = images.push(encodeImage(pixels, role, this.#choice, wraps)) - 1;
          rows.set(key, row);
        }
        record.textures[slot] = { ...ref, image: row };
      }
      return record;
    });
    return { materials, images: await Promise.all(images) };
  }

  /** Texels of the material's base color after so many halvings, 0 when it has no such image. */
  baseColorTexels(material: MaterialRecord, halvings: number): number {
    const ref = material.textures.baseColor;
    const image = ref && this.#sameAs[ref.image]!;
    if (image === undefined || this.#undecodable.has(image)) return 0;
    const { width, height } = this.#levels.get(`${image}`)![0]!;
    // One texel is one color: there is nothing to lose.
    return width * height === 1 ? 0 : Math.max(1, (width * height) / 4 ** halvings);
  }

  /** The material's base color image as it was loaded, or null when it has none. */
  baseColorPixels(material: MaterialRecord): Pixels | null {
    const ref = material.textures.baseColor;
    const image = ref && this.#sameAs[ref.image]!;
    if (image === undefined || this.#undecodable.has(image)) return null;
    return this.#levels.get(`${image}`)![0]!;
  }

  #roleOf(slot: Slot, material: MaterialRecord, image: number): Role {
    if (slot === 'normal') return 'normal';
    if (slot === 'metallicRoughness') return 'data';
    if (slot === 'occlusion') {
      const other = material.textures.metallicRoughness;
      return other && this.#sameAs[other.image] === image ? 'data' : 'single';
    }
    const isCut = slot === 'baseColor' && material.alphaMode !== 'opaque';
    return isCut && hasAlpha(this.#levels.get(`${image}`)![0]!) ? 'cutout' : 'color';
  }

  #level(image: number, role: Role, halvings: number): Pixels {
    const key = `${image} ${role}`;
    const levels = this.#levels.get(key) ?? [this.#levels.get(`${image}`)![0]!];
    this.#levels.set(key, levels);
    for (;;) {
      const last = levels.at(-1)!;
      if (levels.length > halvings) return levels[halvings]!;
      if (Math.max(last.width, last.height) >> 1 < SMALLEST_SIDE) return last;
      const isSrgb = role === 'color' || role === 'cutout';
      levels.push(halve(last, { isSrgb, isAlphaWeighted: role === 'cutout' }));
    }
  }
}

/** Puts the mean of a texture that goes into the material's factors. */
function foldDetail(record: MaterialRecord, slot: Slot, pixels: Pixels): void {
  if (slot !== 'metallicRoughness') return;
  record.roughness *= channelMean(pixels, 1);
  record.metallic *= channelMean(pixels, 2);
}

/** Devices take blocks of 4 x 4 pixels: a few pixels more or less do that, uvs do not change. */
async function fitBlocks(pixels: Pixels): Promise<Pixels> {
  const width = blockSide(pixels.width);
  const height = blockSide(pixels.height);
  const isSmall = pixels.width < 16 || pixels.height < 16;
  if (isSmall || (width === pixels.width && height === pixels.height)) return pixels;
  const raw = { width: pixels.width, height: pixels.height, channels: 4 } as const;
  const data = await sharp(pixels.data, { raw })
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  return { width, height, data: new Uint8Array(data) };
}
