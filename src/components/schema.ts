/**
 * Component stores from a table of fields: typed columns of explicit capacity, defaults, validation
 * and read-back. bitECS stores nothing by itself and clears nothing on removal; the plugin's
 * observers call what is made here.
 */
import { describe } from '../base/assert.ts';
import { hashName } from '../base/hash.ts';

export type Column =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** One field of a component: how it is stored, checked and read back. */
export interface Field<Value, Store extends Column = Column> {
  create(capacity: number): Store;
  /** What was expected, when the value cannot be used; else null. */
  check(value: unknown): string | null;
  write(column: Store, row: number, value: Value): void;
  read(column: Store, row: number): Value;
  fallback: Value;
}

export type Fields = Record<string, Field<unknown>>;
export type Row<F extends Fields> = { [K in keyof F]: F[K]['fallback'] };
export type Store<F extends Fields> = { [K in keyof F]: ReturnType<F[K]['create']> };

/** A component of one world: `store` is what the game adds; the rest is for the plugin. */
export interface Component<F extends Fields> {
  name: string;
  /** The bitECS component: an object of columns, indexed by entity id. */
  store: Store<F>;
  capacity: number;
  /** Writes the defaults: a row is clean after its component was added again. */
  reset(row: number): void;
  /** What is wrong with `data` for a row that holds the defaults, or null. */
  check(data: unknown): string | null;
  /** Merges `data` into the row. Returns what is wrong with it instead, and then writes nothing. */
  write(row: number, data: unknown): string | null;
  read(row: number): Row<F>;
}

/** Makes a component store. `refine` checks fields against each other and may complete the row. */
export function defineComponent<F extends Fields>(
  name: string,
  capacity: number,
  fields: F,
  refine: (row: Row<F>, given: Partial<Row<F>>) => string | null = () => null,
): Component<F> {
  const keys = Object.keys(fields) as (keyof F & string)[];
  // Entity ids start at 1 and reach capacity: one row more.
  const store = Object.fromEntries(
    keys.map((key) => [key, fields[key]!.create(capacity + 1)]),
  ) as Store<F>;
  const writeRow = (row: number, values: Row<F>): void => {
    for (const key of keys) fields[key]!.write(store[key], row, values[key]);
  };
  const read = (row: number): Row<F> =>
    Object.fromEntries(keys.map((key) => [key, fields[key]!.read(store[key], row)])) as Row<F>;
  /** The row with what was given, or what is wrong with that. */
  const merge = (row: Row<F>, data: unknown): Row<F> | string => {
    if (typeof data !== 'object' || data === null)
      return `${name}: expected an object of fields, got ${describe(data)}`;
    const given = data as Partial<Row<F>>;
    const problem = checkFields(name, fields, given);
    if (problem) return problem;
    const merged = { ...row, ...given };
    const conflict = refine(merged, given);
    return conflict ? `${name}: ${conflict}` : merged;
  };
  return {
    name,
    store,
    capacity,
    reset: (row) => writeRow(row, fallbackRow(fields, keys)),
    read,
    check(data) {
      const merged = merge(fallbackRow(fields, keys), data);
      return typeof merged === 'string' ? merged : null;
    },
    write(row, data) {
      const merged = merge(read(row), data);
      if (typeof merged === 'string') return merged;
      writeRow(row, merged);
      return null;
    },
  };
}

function fallbackRow<F extends Fields>(fields: F, keys: (keyof F & string)[]): Row<F> {
  return Object.fromEntries(keys.map((key) => [key, fields[key]!.fallback])) as Row<F>;
}

function checkFields(name: string, fields: Fields, given: Record<string, unknown>): string | null {
  for (const [key, value] of Object.entries(given)) {
    const field = fields[key];
    if (!field)
      return `${name}: unknown field "${key}"; expected one of ${Object.keys(fields).join(', ')}`;
    const expected = field.check(value);
    if (expected) return `${name}.${key}: expected ${expected}, got ${describe(value)}`;
  }
  return null;
}

type NumberColumn =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;
type ColumnConstructor<S extends NumberColumn> = new (length: number) => S;

/** A number in [min, max]; `integer` allows whole numbers only. */
export function numberField<S extends NumberColumn>(
  type: ColumnConstructor<S>,
  options: { fallback: number; min?: number; max?: number; integer?: boolean },
): Field<number, S> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options;
  const kind = options.integer ? 'a whole number' : 'a number';
  return {
    create: (capacity) => new type(capacity),
    check: (value) =>
      typeof value === 'number' &&
      !Number.isNaN(value) &&
      value >= min &&
      value <= max &&
      (!options.integer || Number.isInteger(value))
        ? null
        : `${kind} from ${min} to ${max}`,
    write: (column, row, value) => {
      column[row] = value;
    },
    read: (column, row) => column[row]!,
    fallback: options.fallback,
  };
}

/** A fixed number of finite numbers, stored next to each other: `column[row * n + i]`. */
export function vectorField<S extends Float32Array | Float64Array>(
  type: ColumnConstructor<S>,
  fallback: readonly number[],
): Field<readonly number[], S> {
  const length = fallback.length;
  return {
    create: (capacity) => new type(capacity * length),
    check: (value) =>
      (Array.isArray(value) || ArrayBuffer.isView(value)) &&
      (value as ArrayLike<unknown>).length === length &&
      Array.from(value as ArrayLike<unknown>).every((item) => Number.isFinite(item))
        ? null
        : `${length} finite numbers`,
    write: (column, row, value) => {
      for (let i = 0; i < length; i++) column[row * length + i] = value[i]!;
    },
    read: (column, row) => Array.from(column.subarray(row * length, (row + 1) * length)),
    fallback,
  };
}

const names = new Map<number, string>();

/** The name an id was made from in this process, or "". */
export function nameOfId(id: number): string {
  return names.get(id) ?? '';
}

/** The stable 32-bit hash of a name, which `nameOfId` knows from then on; 0 for "". */
export function idOfName(name: string): number {
  const id = name === '' ? 0 : hashName(name);
  names.set(id, name);
  return id;
}

/** A logical name, stored as its stable 32-bit hash; "" is stored as 0. */
export function nameField(): Field<string, Uint32Array> {
  return {
    create: (capacity) => new Uint32Array(capacity),
    check: (value) => (typeof value === 'string' ? null : 'a name'),
    write: (column, row, value) => {
      column[row] = idOfName(value);
    },
    read: (column, row) => nameOfId(column[row]!),
    fallback: '',
  };
}

/** Up to `length` names in a row, the rest 0: `column[row * length + i]`. */
export function namesField(length: number, what: string): Field<readonly string[], Uint32Array> {
  const name = nameField();
  return {
    create: (capacity) => new Uint32Array(capacity * length),
    check: (value) =>
      Array.isArray(value) &&
      value.length <= length &&
      value.every((item) => typeof item === 'string' && item !== '')
        ? null
        : `a list of up to ${length} ${what}`,
    write: (column, row, value) => {
      for (let i = 0; i < length; i++) name.write(column, row * length + i, value[i] ?? '');
    },
    read: (column, row) =>
      Array.from({ length }, (_, i) => name.read(column, row * length + i)).filter(
        (item) => item !== '',
      ),
    fallback: [],
  };
}

/** One of a fixed set of words, stored as its number. */
export function choiceField<C extends Record<string, number>>(
  choices: C,
  fallback: keyof C & string,
): Field<keyof C & string, Uint8Array> {
  const words = Object.keys(choices) as (keyof C & string)[];
  return {
    create: (capacity) => new Uint8Array(capacity),
    check: (value) =>
      words.includes(value as string) ? null : `one of ${words.map((w) => `"${w}"`).join(', ')}`,
    write: (column, row, value) => {
      column[row] = choices[value]!;
    },
    read: (column, row) => words.find((word) => choices[word] === column[row]) ?? fallback,
    fallback,
  };
}

/** true or false, stored as 1 or 0. */
export function flagField(fallback: boolean): Field<boolean, Uint8Array> {
  return {
    create: (capacity) => new Uint8Array(capacity),
    check: (value) => (typeof value === 'boolean' ? null : 'true or false'),
    write: (column, row, value) => {
      column[row] = value ? 1 : 0;
    },
    read: (column, row) => column[row] === 1,
    fallback,
  };
}
