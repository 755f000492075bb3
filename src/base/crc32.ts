/**
 * CRC-32 (IEEE 802.3, reflected, as in zip and PNG): finds every error burst of up to 32 bits, so
 * any flipped byte. Eight table look-ups a step (slicing-by-8) keep it near memory speed in a worker.
 *
 * Based on: Kounavis, Berry. A systematic approach to building high performance, software-based,
 * CRC generators. 2005.
 */

const TABLES = buildTables();

function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    tables[byte] = value;
  }
  for (let byte = 0; byte < 256; byte++) {
    let value = tables[byte]!;
    for (let slice = 1; slice < 8; slice++) {
      value = tables[value & 255]! ^ (value >>> 8);
      tables[slice * 256 + byte] = value;
    }
  }
  return tables;
}

/** The CRC-32 of `bytes` as an unsigned integer. Pass a previous result to go on from it. */
export function crc32(bytes: Uint8Array, previous: number = 0): number {
  const t = TABLES;
  let crc = ~previous;
  let i = 0;
  const whole = bytes.length - (bytes.length & 7);
  for (; i < whole; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      t[1792 + (crc & 255)]! ^
      t[1536 + ((crc >>> 8) & 255)]! ^
      t[1280 + ((crc >>> 16) & 255)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = t[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
