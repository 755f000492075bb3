/**
 * The I/O room as browsers and Node see it: sources, engine, decoders, bundles. What needs Node
 * itself is in `node.ts`.
 */

export { type UndoOptions, undoBlocks, unpackBlocks } from './blocks.ts';
export * from './bundle/index.ts';
export type { CacheAccess, CacheEnvironment, CachePlace } from './cache/access.ts';
export { type CachedOptions, cached } from './cache/cached.ts';
export { type OpfsStoreOptions, opfsStore } from './cache/opfs-store.ts';
export type { CacheStats } from './cache/stats.ts';
export { decodeLz4, LZ4_DAMAGED } from './codecs/lz4.ts';
export { encodeLz4, lz4Bound } from './codecs/lz4-encode.ts';
export { decodeMesh, type MeshCodecs, type MeshLimits } from './codecs/mesh.ts';
export { type MeshHead, primitiveBytes, readMeshHead, SCALAR_BYTES } from './codecs/mesh-head.ts';
export { type ContentDecode, decodePayload, type PayloadJob } from './codecs/payload.ts';
export { closeContent } from './codecs/transfer.ts';
export { loadZstd, type ZstdDecode } from './codecs/zstd.ts';
export * from './content.ts';
export {
  type CustomDecoder,
  type CustomKinds,
  type CustomValue,
  checkKinds,
  type KindOptions,
  type RegisteredKind,
} from './custom-kinds.ts';
export * from './decoder.ts';
export { createIoEngine, type IoEngine, type IoEngineSetup } from './engine.ts';
export { IO_DEFAULTS, type IoOptions } from './engine-options.ts';
export type { AvailabilityEvent } from './fetches.ts';
export { type Inflate, inflateWithFflate } from './inflate.ts';
export type { IoStats } from './io-stats.ts';
export type { LinkEstimate } from './link-meter.ts';
export { createMailbox, type Mailbox } from './mailbox.ts';
export { createPartCutter, type PartCutter, readParts } from './parts.ts';
export * from './source.ts';
export { type BlobFiles, blobSource } from './sources/blob.ts';
export {
  BREAKER_DEFAULTS,
  type BreakerSettings,
  type BreakerState,
  type Breakers,
  type CircuitBreaker,
  createBreaker,
  createBreakers,
  type Pass,
} from './sources/breaker.ts';
export { ALWAYS_ONLINE, type Connectivity, deviceConnectivity } from './sources/connectivity.ts';
export type { SourceEnv } from './sources/env.ts';
export {
  HTTP_SOURCE_DEFAULTS,
  type HttpSettings,
  type HttpSourceOptions,
  httpSource,
} from './sources/http.ts';
export { makeSource, type SourceFactory } from './sources/make-source.ts';
export { memorySource } from './sources/memory.ts';
export { mirrored } from './sources/mirrors.ts';
export {
  type SimulatedOptions,
  type SimulatedSource,
  simulatedSource,
} from './sources/simulated.ts';
export type {
  FaultCounts,
  SimulatedFault,
  SimulatedFaults,
  SimulatedRead,
} from './sources/simulated-faults.ts';
export { createOutages, type Outage } from './sources/simulated-outages.ts';
export {
  SIMULATED_PROFILES,
  type SimulatedLink,
  type SimulatedProfile,
} from './sources/simulated-profiles.ts';
export { ZIP_SOURCE_DEFAULTS, type ZipSourceOptions, zipSource } from './sources/zip.ts';
export * from './ticket.ts';
export {
  createInlineDecoder,
  type InlineDecoder,
  type InlineDecoderOptions,
} from './worker/inline-decoder.ts';
export { createIoWorker, type IoWorker, type IoWorkerOptions } from './worker/io-worker.ts';
export { createWorkerPool, type WorkerPool } from './worker/pool.ts';
export { WORKER_POOL_DEFAULTS, type WorkerPoolOptions } from './worker/pool-options.ts';
