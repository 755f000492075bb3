/** Every upper bound in one place, each with its reason. */

/** LODs of an asset: ultra, high, medium, low, minimal. LOD 0 is the finest. */
export const MAX_LODS = 5;

/** Entities a world may carry unless `capacity` says otherwise: 65,536 rows are 12 MB of columns. */
export const DEFAULT_CAPACITY = 65_536;

/**
 * Requests in flight on one HTTP/1.1 origin. Browsers open six connections to a host; a seventh
 * request waits inside the browser, where its priority can no longer change.
 */
export const MAX_IN_FLIGHT = 6;

/** Most concurrent requests any setting may ask for: HTTP/2 servers allow about a hundred streams. */
export const MAX_IN_FLIGHT_LIMIT = 64;

/**
 * Largest pack file the cook writes, and so the largest payload: one read never needs 64-bit
 * offsets, a CDN caches it whole.
 */
export const MAX_PACK_BYTES: number = 64 * 1024 * 1024;

/** Packs of one world: the catalog names them by 16-bit numbers. */
export const MAX_PACKS = 65_535;

/** Payloads at least this large start on a 4 KiB boundary in their pack (one page of most disks). */
export const PAYLOAD_ALIGN_BYTES = 4096;

/**
 * Uncompressed size of one independently compressed block. Costs 0-2 points of deflate ratio
 * against compressing a payload whole, and lets decoding start before the last byte arrives.
 */
export const BLOCK_BYTES: number = 64 * 1024;

/** Largest content a single payload may decode to; a larger figure in a file is a damaged file. */
export const MAX_CONTENT_BYTES: number = 256 * 1024 * 1024;

/** Structural changes of the game's world per frame: each costs 1-7 us there. */
export const STRUCTURAL_OPS_PER_FRAME = 64;

/** Largest read of several payloads that any setting may ask for. */
export const MAX_READ_BYTES: number = 4 * 1024 * 1024;

/** Placements of one world: their tables would take 2 GB. A larger figure in a file is a damaged file. */
export const MAX_PLACEMENTS: number = 64 * 1024 * 1024;
