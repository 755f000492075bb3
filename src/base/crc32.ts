/**
 * CRC-32 (IEEE 802.3, reflected, as in zip and PNG): finds every error burst of up to 32 bits, so
 * any flipped byte. Node's own zlib is used where it has one; elsewhere sixteen table look-ups a step
 * (slicing-by-16) keep it near memory speed in a worker.
 *
 * Based on: Kounavis, Berry. A systematic approach to building high performance, software-based,
 * CRC generators. 2005.
 */

/** Goes on from `previous`, the result over the bytes before; 0 at the start. */
type Crc32 = (bytes: Uint8Array, previous: number) => number;

const TABLES = buildTables();

/** Below this a call into the host costs more than the loop. */
const MIN_NATIVE_BYTES = 512;

const native = findNodeCrc32();

function buildTables(): Int32Array {
  const tables = new Int32Array(16 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    tables[byte] = value;
  }
  for (let byte = 0; byte < 256; byte++) {
    let value = tables[byte]!;
    for (let slice = 1; slice < 16; slice++) {
      value = tables[value & 255]! ^ (value >>> 8);
      tables[slice * 256 + byte] = value;
    }
  }
  return tables;
}

/** The CRC-32 of `bytes` as an unsigned integer. Pass a previous result to go on from it. */
export function crc32(bytes: Uint8Array, previous: number = 0): number {
  return native && bytes.length >= MIN_NATIVE_BYTES
    ? native(bytes, previous)
    : crc32InScript(bytes, previous);
}

/** The one of Node's zlib (20.15, 22.2 and later), or null where there is none. */
export function findNodeCrc32(): Crc32 | null {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const zlib = host.process?.getBuiltinModule?.('node:zlib') as { crc32?: Crc32 } | undefined;
  return typeof zlib?.crc32 === 'function' ? zlib.crc32 : null;
}

/** `crc32` without the host's help. */
export function crc32InScript(bytes: Uint8Array, previous: number = 0): number {
  const t = TABLES;
  let crc = ~previous;
  let i = 0;
  const whole = bytes.length - (bytes.length & 15);
  for (; i < whole; i += 16) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      t[3840 + (crc & 255)]! ^
      t[3584 + ((crc >>> 8) & 255)]! ^
      t[3328 + ((crc >>> 16) & 255)]! ^
      t[3072 + (crc >>> 24)]! ^
      t[2816 + bytes[i + 4]!]! ^
      t[2560 + bytes[i + 5]!]! ^
      t[2304 + bytes[i + 6]!]! ^
      t[2048 + bytes[i + 7]!]! ^
      t[1792 + bytes[i + 8]!]! ^
      t[1536 + bytes[i + 9]!]! ^
      t[1280 + bytes[i + 10]!]! ^
      t[1024 + bytes[i + 11]!]! ^
      t[768 + bytes[i + 12]!]! ^
      t[512 + bytes[i + 13]!]! ^
      t[256 + bytes[i + 14]!]! ^
      t[bytes[i + 15]!]!;
  }
  for (; i < bytes.length; i++) crc = t[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
