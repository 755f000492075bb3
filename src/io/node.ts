/** The part of the I/O room that only Node can run. */
export {
  NODE_FILE_DEFAULTS,
  type NodeFileOptions,
  type NodeFileSource,
  nodeFileSource,
} from './sources/node-file.ts';
