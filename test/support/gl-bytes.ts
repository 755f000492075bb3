/**
 * Adds up the bytes of all GL storage that is alive: wraps every call that makes or frees it, for all
 * contexts made from now on. Knows nothing of the view; sizes come from the calls alone.
 */

export interface GlBytes {
  /** What is made while this is set counts as the renderer's own, buffers apart. */
  isRendering: boolean;
  buffers: number;
  /** Of these, buffers of indices. */
  indices: number;
  textures: number;
  /** Textures and render buffers that the renderer made while it drew. */
  renderer: number;
  /** Formats of which the size is not known: must stay empty. */
  unknown: string[];
  /** Deletions of textures that are to be left out: what a defect would do. */
  skipDeletions: number;
  /** Forgets what the lost context held. */
  reset(): void;
}

type Gl = WebGL2RenderingContext;

/** Needs nothing of this file: it can be handed to a page as it is. */
export function countGlBytes(): GlBytes {
  /** Bytes per pixel, by sized or unsized internal format. */
  const pixelBytes: Record<number, number> = {
    [0x1908]: 4, // RGBA
    [0x8058]: 4, // RGBA8
    [0x8c43]: 4, // SRGB8_ALPHA8
    [0x881a]: 8, // RGBA16F
    [0x8229]: 1, // R8
    [0x822b]: 2, // RG8
    [0x822f]: 4, // RG16F
    [0x81a6]: 4, // DEPTH_COMPONENT24, in 32 bits
  };

  /** Bytes per block of 4 x 4. */
  const blockBytes: Record<number, number> = {
    [0x83f0]: 8, // DXT1 without alpha
    [0x83f1]: 8, // DXT1
    [0x83f3]: 16, // DXT5
    [0x8c4c]: 8, // sRGB DXT1
    [0x8c4d]: 8, // sRGB DXT1 with alpha
    [0x8c4f]: 16, // sRGB DXT5
    [0x8dbb]: 8, // RGTC1
    [0x8dbd]: 16, // RGTC2
    [0x8e8c]: 16, // BPTC
    [0x8e8d]: 16, // sRGB BPTC
    [0x8e8f]: 16, // BPTC unsigned float
  };
  let sizes = new Map<object, { bytes: number; ours: boolean; isIndex: boolean }>();
  const counts: GlBytes = {
    isRendering: false,
    buffers: 0,
    indices: 0,
    textures: 0,
    renderer: 0,
    unknown: [],
    skipDeletions: 0,
    reset() {
      sizes = new Map();
      counts.buffers = counts.indices = counts.textures = counts.renderer = 0;
    },
  };
  const key = (isBuffer: boolean, ours: boolean): 'buffers' | 'textures' | 'renderer' =>
    isBuffer ? 'buffers' : ours ? 'textures' : 'renderer';
  const set = (object: object | null, bytes: number, isBuffer: boolean, isIndex = false): void => {
    if (!object) return;
    drop(object, isBuffer);
    const ours = isBuffer || !counts.isRendering;
    sizes.set(object, { bytes, ours, isIndex });
    if (isIndex) counts.indices += bytes;
    counts[key(isBuffer, ours)] += bytes;
  };
  const drop = (object: object | null, isBuffer: boolean): void => {
    const known = object && sizes.get(object);
    if (!known) return;
    sizes.delete(object);
    if (known.isIndex) counts.indices -= known.bytes;
    counts[key(isBuffer, known.ours)] -= known.bytes;
  };
  const levels = (format: number, width: number, height: number, count: number): number => {
    const [pixel, block] = [pixelBytes[format], blockBytes[format]];
    if (pixel === undefined && block === undefined) counts.unknown.push(format.toString(16));
    let bytes = 0;
    for (let level = 0; level < count; level++) {
      const [w, h] = [Math.max(1, width >> level), Math.max(1, height >> level)];
      bytes += block ? Math.ceil(w / 4) * Math.ceil(h / 4) * block : w * h * (pixel ?? 0);
    }
    return bytes;
  };
  const boundBuffer = (gl: Gl, target: number): WebGLBuffer | null => {
    const names: Record<number, number> = {
      [gl.ARRAY_BUFFER]: gl.ARRAY_BUFFER_BINDING,
      [gl.ELEMENT_ARRAY_BUFFER]: gl.ELEMENT_ARRAY_BUFFER_BINDING,
      [gl.COPY_WRITE_BUFFER]: gl.COPY_WRITE_BUFFER_BINDING,
      [gl.COPY_READ_BUFFER]: gl.COPY_READ_BUFFER_BINDING,
      [gl.UNIFORM_BUFFER]: gl.UNIFORM_BUFFER_BINDING,
      [gl.PIXEL_PACK_BUFFER]: gl.PIXEL_PACK_BUFFER_BINDING,
    };
    return gl.getParameter(names[target]!);
  };
  const boundTexture = (gl: Gl, target: number): WebGLTexture | null => {
    const names: Record<number, number> = {
      [gl.TEXTURE_2D]: gl.TEXTURE_BINDING_2D,
      [gl.TEXTURE_3D]: gl.TEXTURE_BINDING_3D,
      [gl.TEXTURE_2D_ARRAY]: gl.TEXTURE_BINDING_2D_ARRAY,
      [gl.TEXTURE_CUBE_MAP]: gl.TEXTURE_BINDING_CUBE_MAP,
    };
    return names[target] === undefined ? null : gl.getParameter(names[target]);
  };
  const prototype = WebGL2RenderingContext.prototype as unknown as Record<string, unknown>;
  const wrap = (name: string, also: (gl: Gl, args: never) => boolean | undefined): void => {
    const made = prototype[name] as (...args: unknown[]) => unknown;
    prototype[name] = function (this: Gl, ...args: unknown[]): unknown {
      if (also(this, args as never) === false) return undefined;
      return made.apply(this, args);
    };
  };
  wrap('bufferData', (gl, [target, source]: [number, number | ArrayBufferView]) => {
    const bytes = typeof source === 'number' ? source : source.byteLength;
    set(boundBuffer(gl, target), bytes, true, target === gl.ELEMENT_ARRAY_BUFFER);
    return true;
  });
  wrap('texStorage2D', (gl, [target, count, format, w, h]: number[] & { 0: number }) => {
    set(boundTexture(gl, target), levels(format!, w!, h!, count!), false);
    return true;
  });
  wrap('texStorage3D', (gl, [target, count, format, w, h, d]: number[] & { 0: number }) => {
    set(boundTexture(gl, target), levels(format!, w!, h!, count!) * d!, false);
    return true;
  });
  wrap('texImage2D', (gl, [target, level, format, w, h]: number[] & { 0: number }) => {
    // Only ever used for one level by this renderer; with an image object sizes are not in the call.
    if (level === 0 && typeof h === 'number')
      set(boundTexture(gl, target), levels(format!, w!, h, 1), false);
    return true;
  });
  wrap('deleteBuffer', (_, [buffer]: [object | null]) => {
    drop(buffer, true);
    return true;
  });
  wrap('deleteTexture', (_, [texture]: [object | null]) => {
    if (texture && sizes.has(texture) && counts.skipDeletions > 0) {
      counts.skipDeletions--;
      return false;
    }
    drop(texture, false);
    return true;
  });
  return counts;
}
