/** The part of the I/O room that only Node can run. */

export { type FolderStoreOptions, folderStore } from './cache/folder-store.ts';
export {
  NODE_FILE_DEFAULTS,
  type NodeFileOptions,
  type NodeFileSource,
  nodeFileSource,
} from './sources/node-file.ts';
