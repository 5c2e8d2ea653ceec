/**
 * One field of a record that is stored as numbers: how many it takes, and how they are written and read. Layouts are
 * lists of fields; writers, readers and accessors take every position from them.
 */
export interface Field<Value> {
  readonly width: number;
  write(value: Value, to: Float64Array, at: number): void;
  read(from: Float64Array, at: number): Value;
}

type Fields = Readonly<Record<string, Field<unknown>>>;

/** The values of a record with these fields. */
export type RecordOf<Of extends Fields> = {
  [Name in keyof Of]: Of[Name] extends Field<infer Value> ? Value : never;
};

/** A record of fields in their order; itself a field of larger records. */
export interface Layout<Of extends Fields> extends Field<RecordOf<Of>> {
  /** First number of each field, from the start of the record. */
  readonly at: { readonly [Name in keyof Of]: number };
}

/** Returns the layout of a record whose fields follow one another in the order of the list. */
export function layoutOf<const Of extends Fields>(fields: Of): Layout<Of> {
  const at: Record<string, number> = {};
  let width = 0;
  for (const [name, field] of Object.entries(fields)) {
    at[name] = width;
    width += field.width;
  }
  const list = Object.entries(fields).map(([name, field]) => ({ name, field, start: at[name] ?? 0 }));
  return {
    width,
    at: at as Layout<Of>['at'],
    write(record, to, start) {
      for (const each of list) each.field.write(record[each.name], to, start + each.start);
    },
    read(from, start) {
      const record: Record<string, unknown> = {};
      for (const each of list) record[each.name] = each.field.read(from, start + each.start);
      return record as RecordOf<Of>;
    },
  };
}

/** A number, stored as it is. */
export const NUMBER: Field<number> = {
  width: 1,
  write(value, to, at) {
    to[at] = value;
  },
  read: (from, at) => from[at] ?? NaN,
};

/** A time in milliseconds; null is stored as NaN. */
export const TIME: Field<number | null> = {
  width: 1,
  write(value, to, at) {
    to[at] = value ?? NaN;
  },
  read: (from, at) => numberOrNull(from[at]),
};

/** A boolean, stored as 1 or 0. */
export const BOOLEAN: Field<boolean> = {
  width: 1,
  write(value, to, at) {
    to[at] = Number(value);
  },
  read: (from, at) => from[at] === 1,
};

/** Returns a field for one of several names, stored as its position; an unknown position is read as the first name. */
export function choiceOf<Name extends string>(names: readonly [Name, ...Name[]]): Field<Name> {
  return {
    width: 1,
    write(value, to, at) {
      to[at] = names.indexOf(value);
    },
    read: (from, at) => names[from[at] ?? 0] ?? names[0],
  };
}

/** Returns a field for booleans by name, stored as bits of one number in the order of the names (at most 31). */
export function flagsOf<Name extends string>(
  names: readonly Name[],
): Field<Readonly<Record<Name, boolean>>> & { readonly mask: Readonly<Record<Name, number>> } {
  const mask = Object.fromEntries(names.map((name, bit) => [name, 2 ** bit])) as Record<Name, number>;
  return {
    width: 1,
    mask,
    write(value, to, at) {
      to[at] = names.reduce((bits, name) => bits | (value[name] ? mask[name] : 0), 0);
    },
    read(from, at) {
      const bits = from[at] ?? 0;
      return Object.fromEntries(names.map((name) => [name, (bits & mask[name]) !== 0])) as Record<Name, boolean>;
    },
  };
}

/** Returns a field that may be null, which is stored as -1 in its first number. */
export function optional<Value>(field: Field<Value>): Field<Value | null> {
  return {
    width: field.width,
    write(value, to, at) {
      if (value === null) to.fill(0, at, at + field.width)[at] = ABSENT;
      else field.write(value, to, at);
    },
    read: (from, at) => (isAbsent(from, at) ? null : field.read(from, at)),
  };
}

const ABSENT = -1;

/** Returns true if an optional field at this position is null. */
export function isAbsent(from: Float64Array, at: number): boolean {
  return from[at] === ABSENT;
}

/** Returns a stored number; null for NaN and undefined. */
export function numberOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** Returns positions of words by name, in the order of the names. */
export function wordsOf<const Name extends string>(
  names: readonly Name[],
): { readonly count: number; readonly at: Readonly<Record<Name, number>> } {
  return {
    count: names.length,
    at: Object.fromEntries(names.map((name, at) => [name, at])) as Record<Name, number>,
  };
}

/** A part of a 32-bit word. */
export interface BitField {
  readonly shift: number;
  /** Largest value that fits. */
  readonly max: number;
}

/** Returns parts of a word by name, from the lowest bit up, from their numbers of bits. Throws if they do not fit. */
export function bitFieldsOf<const Name extends string>(
  widths: Readonly<Record<Name, number>>,
): Readonly<Record<Name, BitField>> {
  let shift = 0;
  const fields = Object.entries<number>(widths).map(([name, bits]): [string, BitField] => {
    const field = { shift, max: 2 ** bits - 1 };
    shift += bits;
    return [name, field];
  });
  if (shift > 32) throw new RangeError(`${shift} bits in a word`);
  return Object.fromEntries(fields) as Record<Name, BitField>;
}

/** Returns the value of a part of a word. */
export function bitsIn(word: number, { shift, max }: BitField): number {
  return (word >>> shift) & max;
}

/** Returns a value in its part of a word, to be combined with others by `|`. */
export function bitsAt(value: number, { shift, max }: BitField): number {
  return (value & max) << shift;
}
