/** The part of the I/O room that only Node can run. */
export { type NodeFileSource, nodeFileSource } from './sources/node-file.ts';
