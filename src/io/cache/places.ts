/** Makes the place of a cache from its descriptor, in the thread that will use it. */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { SourceDescriptor } from '../source.ts';
import type { CachePlace } from './access.ts';
import { folderStore } from './folder-store.ts';
import { opfsStore } from './opfs-store.ts';

export function makeCachePlace(descriptor: SourceDescriptor): CachePlace {
  const { kind, ...settings } = descriptor;
  if (kind === 'opfs') return opfsStore(settings);
  if (kind === 'folder') return folderStore(settings['folder'] as string, settings);
  throw new StreamError(
    ErrorCode.InvalidData,
    `a cache cannot be made from a place of kind "${kind}"; expected "opfs" or "folder"`,
  );
}
