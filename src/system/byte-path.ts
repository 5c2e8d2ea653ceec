import { isUtf8 } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';

const SEPARATOR = Buffer.from(sep);

/** Joins a folder and a name as bytes, since a name that is not UTF-8 cannot be a string. */
export function childPath(folder: string | Buffer, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(folder), SEPARATOR, name]);
}

/** Returns the names in a folder as bytes, sorted. Throws Node's error. */
export function namesAsBytes(folder: string | Buffer): Buffer[] {
  return readdirSync(folder, { encoding: 'buffer' }).sort(Buffer.compare);
}

/** Returns true for a name that a string cannot hold. */
export function isUndecodable(name: Buffer): boolean {
  return !isUtf8(name);
}
