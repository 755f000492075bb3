/**
 * The head of a bundle, `world.json`. It has exactly one valid text for its content: fixed field
 * order, fixed spacing, a checksum at the end. So every flipped byte is noticed, and the same cook
 * always writes the same file.
 */
import { describe } from '../../base/assert.ts';
import { crc32 } from '../../base/crc32.ts';
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';
import { otherVersion } from './damage.ts';
import {
  type CatalogRecord,
  type FileRecord,
  FORMAT_NAME,
  FORMAT_VERSION,
  type WorldHead,
} from './format.ts';

const COUNTS = ['assets', 'payloads', 'levels', 'placements', 'terrain'] as const;

/** Everything but the checksum, which `formatHead` computes. */
export type WorldHeadFields = Omit<WorldHead, 'checksum'>;

/** The canonical text of a head. */
export function formatHead(head: WorldHeadFields): string {
  const fields = {
    format: head.format,
    version: head.version,
    name: head.name,
    generator: head.generator,
    catalog: { ...fileFields(head.catalog), directoryBytes: head.catalog.directoryBytes },
    packs: head.packs.map(fileFields),
    bounds: [...head.bounds],
    counts: Object.fromEntries(COUNTS.map((name) => [name, head.counts[name]])),
    residentBytes: head.residentBytes,
  };
  const open = JSON.stringify(fields, null, 2).slice(0, -2);
  const checksum = crc32(new TextEncoder().encode(open)).toString(16).padStart(8, '0');
  return `${open},\n  "checksum": "${checksum}"\n}\n`;
}

/**
 * Reads and checks a head. Throws `StreamError(Decode)` with what was seen and what was expected,
 * also for another version and for a text that was edited by hand.
 */
export function parseHead(text: string): WorldHead {
  const value = parseJson(text);
  if (value['format'] !== FORMAT_NAME)
    throw damagedHead(`format is ${describe(value['format'])}, expected "${FORMAT_NAME}"`);
  const version = integer(value, 'version');
  if (version < 1) throw damagedHead(`version is ${version}, expected ${FORMAT_VERSION}`);
  if (version !== FORMAT_VERSION) throw otherVersion('world', version);
  const counts = object(value['counts'], 'counts');
  const packs = value['packs'];
  if (!Array.isArray(packs)) throw damagedHead(`packs is ${describe(packs)}, expected a list`);
  const fields: WorldHeadFields = {
    format: FORMAT_NAME,
    version,
    name: string(value, 'name'),
    generator: string(value, 'generator'),
    catalog: catalogRecord(value['catalog']),
    packs: packs.map((pack, i) => fileRecord(pack, `packs[${i}]`)),
    bounds: bounds(value['bounds']),
    counts: {
      assets: integer(counts, 'assets'),
      payloads: integer(counts, 'payloads'),
      levels: integer(counts, 'levels'),
      placements: integer(counts, 'placements'),
      terrain: integer(counts, 'terrain'),
    },
    residentBytes: integer(value, 'residentBytes'),
  };
  const checksum = string(value, 'checksum');
  if (formatHead(fields) !== text)
    throw damagedHead('its text does not match its checksum: it was changed after it was written');
  return { ...fields, checksum };
}

type Fields = Record<string, unknown>;

function parseJson(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damagedHead(`it is not JSON (${reasonOf(error)})`);
  }
  return object(value, 'it');
}

function object(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw damagedHead(`${name} is ${describe(value)}, expected an object`);
}

function string(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw damagedHead(`${name} is ${describe(value)}, expected a text`);
}

function integer(fields: Fields, name: string): number {
  const value = fields[name];
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw damagedHead(`${name} is ${describe(value)}, expected an integer from 0 up`);
}

function bounds(value: unknown): WorldHead['bounds'] {
  if (Array.isArray(value) && value.length === 6 && value.every(Number.isFinite))
    return value as WorldHead['bounds'];
  throw damagedHead(`bounds is ${describe(value)}, expected six numbers`);
}

/** A file of the bundle lies beside the head: a name that leads elsewhere is refused. */
function fileRecord(value: unknown, name: string): FileRecord {
  const fields = object(value, name);
  const file = string(fields, 'file');
  if (!/^[\w-][\w.-]*$/.test(file))
    throw damagedHead(`${name}.file is ${describe(file)}, expected a plain file name`);
  const sha256 = string(fields, 'sha256');
  if (!/^[0-9a-f]{16}$/.test(sha256))
    throw damagedHead(`${name}.sha256 is ${describe(sha256)}, expected 16 hex digits`);
  return { file, bytes: integer(fields, 'bytes'), sha256 };
}

function catalogRecord(value: unknown): CatalogRecord {
  const record = fileRecord(value, 'catalog');
  const directoryBytes = integer(object(value, 'catalog'), 'directoryBytes');
  if (directoryBytes > record.bytes)
    throw damagedHead(`catalog.directoryBytes is ${directoryBytes}, the file has ${record.bytes}`);
  return { ...record, directoryBytes };
}

function fileFields({ file, bytes, sha256 }: FileRecord): FileRecord {
  return { file, bytes, sha256 };
}

function damagedHead(what: string): StreamError {
  return new StreamError(
    ErrorCode.Decode,
    `damaged world head (world.json): ${what}; cook the world again`,
  );
}
