import { isUtf8 } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';

const SEPARATOR = Buffer.from(sep);

/** Path of a name in a folder, as bytes: names of files need not be UTF-8, and do not survive as strings then. */
export function childPath(folder: string | Buffer, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(folder), SEPARATOR, name]);
}

/** Names in a folder as bytes, in their order. Throws Node's error. */
export function namesAsBytes(folder: string | Buffer): Buffer[] {
  return readdirSync(folder, { encoding: 'buffer' }).sort(Buffer.compare);
}

/** Returns true for a name that a string cannot hold. */
export function isUndecodable(name: Buffer): boolean {
  return !isUtf8(name);
}
