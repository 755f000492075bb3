/**
 * Images as KTX2 files with all their mips, packed with Basis (ETC1S or UASTC), through the encoder
 * that Binomial publishes. One thread; cook workers run side by side.
 */
import { NodeBasisEncoder } from 'ktx2-encoder';
import type { TextureRole } from '../src/io/content.ts';
import type { Bytes } from '../src/io/source.ts';
import type { Pixels } from './pixels.ts';

/** ETC1S: small and coarse. UASTC: four to ten times the bytes, close to the original. */
export type Ktx2Kind = 'etc1s' | 'uastc';

/** What the encoder takes at most, pixels. */
const MAX_PIXELS: number = 12 * 1024 * 1024;

/** Measured on FlightHelmet: effort 2 takes three times as long for 0.6 dB. */
const UASTC_EFFORT = 1;
const ETC1S_QUALITY = 128;
const ETC1S_EFFORT = 1;

/** The part of the encoder that is used; `ktx2-encoder` types only what its own options reach. */
interface Encoder {
  setCreateKTX2File(isOn: boolean): void;
  setStatusOutput(isOn: boolean): void;
  setTexType(type: number): void;
  setUASTC(isOn: boolean): void;
  setPackUASTCFlags(effort: number): void;
  setKTX2UASTCSupercompression(isOn: boolean): void;
  setQualityLevel(quality: number): void;
  setETC1SCompressionLevel(effort: number): void;
  setPerceptual(isOn: boolean): void;
  setKTX2AndBasisSRGBTransferFunc(isOn: boolean): void;
  setNormalMapPreset(): void;
  setCheckForAlpha(isOn: boolean): void;
  setForceAlpha(isOn: boolean): void;
  setMipGen(isOn: boolean): void;
  setMipSRGB(isOn: boolean): void;
  setMipWrapping(isOn: boolean): void;
  setMipRenormalize(isOn: boolean): void;
  setMipSmallestDimension(side: number): void;
  setSliceSourceImage(
    slice: number,
    bytes: Uint8Array,
    width: number,
    height: number,
    type: number,
  ): boolean;
  encode(target: Uint8Array): number;
  delete(): void;
}

/** `cBASISTexType2D` and `cImage`-less raw RGBA, as the encoder numbers them. */
const TYPE_2D = 0;
const SOURCE_RGBA = 0;

let loading: Promise<new () => Encoder> | undefined;

/** The same pixels always give the same bytes. Throws when the encoder refuses the image. */
export async function encodeKtx2(
  { width, height, data }: Pixels,
  role: TextureRole,
  kind: Ktx2Kind,
  wraps: boolean = true,
): Promise<Bytes> {
  if (width * height > MAX_PIXELS)
    throw new Error(
      `a KTX2 image holds ${MAX_PIXELS} pixels at most, this one has ${width} x ${height}; ` +
        'lower --texture-size',
    );
  loading ??= new NodeBasisEncoder()
    .init()
    .then(({ BasisEncoder }) => BasisEncoder as unknown as new () => Encoder);
  const encoder = new (await loading)();
  try {
    setUp(encoder, role, kind, wraps);
    const pixels = role === 'normal' && kind === 'uastc' ? withYInAlpha(data) : data;
    if (!encoder.setSliceSourceImage(0, pixels, width, height, SOURCE_RGBA))
      throw new Error(`the KTX2 encoder refuses ${width} x ${height} pixels`);
    // Blocks take a byte a pixel, mips a third more; small images still need room for the head.
    const target = new Uint8Array(Math.ceil(width * height * 2) + 64 * 1024);
    const length = encoder.encode(target);
    if (length <= 0) throw new Error('the KTX2 encoder gave up');
    return target.slice(0, length);
  } finally {
    encoder.delete();
  }
}

function setUp(encoder: Encoder, role: TextureRole, kind: Ktx2Kind, wraps: boolean): void {
  const isSrgb = role === 'color' || role === 'cutout';
  encoder.setCreateKTX2File(true);
  encoder.setStatusOutput(false);
  encoder.setTexType(TYPE_2D);
  encoder.setUASTC(kind === 'uastc');
  if (kind === 'uastc') {
    encoder.setPackUASTCFlags(UASTC_EFFORT);
    encoder.setKTX2UASTCSupercompression(true);
  } else {
    encoder.setQualityLevel(ETC1S_QUALITY);
    encoder.setETC1SCompressionLevel(ETC1S_EFFORT);
  }
  if (role === 'normal') encoder.setNormalMapPreset();
  encoder.setPerceptual(isSrgb);
  encoder.setKTX2AndBasisSRGBTransferFunc(isSrgb);
  const hasAlpha = role === 'cutout' || (role === 'normal' && kind === 'uastc');
  encoder.setCheckForAlpha(hasAlpha);
  encoder.setForceAlpha(hasAlpha);
  encoder.setMipGen(true);
  encoder.setMipSRGB(isSrgb);
  encoder.setMipWrapping(wraps);
  encoder.setMipRenormalize(role === 'normal');
  encoder.setMipSmallestDimension(1);
}

/**
 * The transcoder makes two-channel textures of red and alpha. With y in both green and alpha the
 * same file serves them and three-channel textures; measured on FlightHelmet that costs 1.1 dB.
 */
function withYInAlpha(data: Uint8Array): Uint8Array {
  const copy = data.slice();
  for (let i = 0; i < copy.length; i += 4) copy[i + 3] = copy[i + 1]!;
  return copy;
}
