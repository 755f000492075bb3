/** A graphics context that goes and comes back: what the view lets go, and what the host hears. */
import type { StreamingHost } from './host.ts';
import type { ViewRenderer } from './textures.ts';
import type { ViewPort } from './view-port.ts';

/**
 * Lets go of everything a lost context held, and tells the host, which streams it again. For a host
 * that does not, a restored context has it again when it is next drawn: geometry as it was, textures
 * blank, because their pixels were not kept. Returns the call that ends it.
 */
export function followContext(
  { domElement }: ViewRenderer,
  port: ViewPort,
  host: StreamingHost,
): () => void {
  const { memory } = port;
  const onLost = (): void => {
    const bytes = memory.gpuBytes;
    port.unload();
    host.onDeviceMemory?.({ kind: 'lost', bytes });
  };
  const onRestored = (): void => {
    const bytes = memory.gpuBytes;
    const isThere = memory.restore();
    host.onDeviceMemory?.({ kind: 'restored', bytes: memory.gpuBytes });
    if (!isThere) host.onDeviceMemory?.({ kind: 'outOfMemory', bytes });
  };
  domElement?.addEventListener('webglcontextlost', onLost);
  domElement?.addEventListener('webglcontextrestored', onRestored);
  return () => {
    domElement?.removeEventListener('webglcontextlost', onLost);
    domElement?.removeEventListener('webglcontextrestored', onRestored);
  };
}
