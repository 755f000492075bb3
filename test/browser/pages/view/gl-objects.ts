/** Counts the GPU objects that are alive: the only witness of a leak that cannot be talked round. */

export interface GlObjects {
  buffers: number;
  textures: number;
  vertexArrays: number;
}

/** Starts counting, for every WebGL2 context made from now on. */
export function countGlObjects(): GlObjects {
  const alive: GlObjects = { buffers: 0, textures: 0, vertexArrays: 0 };
  const prototype = WebGL2RenderingContext.prototype;
  const watch = (
    key: keyof GlObjects,
    create: 'createBuffer' | 'createTexture' | 'createVertexArray',
    remove: 'deleteBuffer' | 'deleteTexture' | 'deleteVertexArray',
  ): void => {
    const made = prototype[create] as (this: WebGL2RenderingContext) => object;
    const gone = prototype[remove] as (this: WebGL2RenderingContext, object: object | null) => void;
    Object.assign(prototype, {
      [create](this: WebGL2RenderingContext) {
        alive[key]++;
        return made.call(this);
      },
      [remove](this: WebGL2RenderingContext, object: object | null) {
        if (object) alive[key]--;
        gone.call(this, object);
      },
    });
  };
  watch('buffers', 'createBuffer', 'deleteBuffer');
  watch('textures', 'createTexture', 'deleteTexture');
  watch('vertexArrays', 'createVertexArray', 'deleteVertexArray');
  return alive;
}
