/**
 * three's `BatchedMesh` as an allocator: geometries of points of 16 bytes are added and deleted, and
 * `optimize()` is called when one finds no place, as its documentation has it.
 */
import { BatchedMesh, BufferAttribute, BufferGeometry } from 'three';
import type { Allocator } from './allocator.ts';
import { contentOf } from './content.ts';

const VERTEX_BYTES = 16;

export function createBatchedMesh(capacityBytes: number): Allocator {
  const vertices = capacityBytes / VERTEX_BYTES;
  const mesh = new BatchedMesh(1, vertices, 0);
  const sizes = new Map<number, number>();
  let [usedBytes, movedBytes, filled] = [0, 0, 0];

  const optimize = (): void => {
    const position = mesh.geometry.attributes['position'] as BufferAttribute;
    position.clearUpdateRanges();
    mesh.optimize();
    for (const { count } of position.updateRanges) movedBytes += count * 4;
    position.clearUpdateRanges();
  };
  return {
    name: 'BatchedMesh',
    allocate(sizeBytes) {
      const count = Math.ceil(sizeBytes / VERTEX_BYTES);
      if (count * VERTEX_BYTES > capacityBytes - usedBytes) return -1;
      if (count > mesh.unusedVertexCount) optimize();
      const content = contentOf(filled++, count * VERTEX_BYTES);
      const floats = new Float32Array(content.buffer, content.byteOffset, count * 4);
      const geometry = new BufferGeometry();
      geometry.setAttribute('position', new BufferAttribute(floats, 4));
      const handle = mesh.addGeometry(geometry);
      (mesh.geometry.attributes['position'] as BufferAttribute).clearUpdateRanges();
      sizes.set(handle, count * VERTEX_BYTES);
      usedBytes += count * VERTEX_BYTES;
      return handle;
    },
    free(handle) {
      mesh.deleteGeometry(handle);
      usedBytes -= sizes.get(handle)!;
      sizes.delete(handle);
    },
    get freeBytes() {
      return capacityBytes - usedBytes;
    },
    largestFreeBytes: () => mesh.unusedVertexCount * VERTEX_BYTES,
    defragment() {
      const moved = movedBytes;
      movedBytes = 0;
      return moved;
    },
  };
}
