import { lstatSync, type Stats } from 'node:fs';
import { dirname, join, sep } from 'node:path';

declare const checked: unique symbol;

/** The name of one file or folder, checked by `isSafeName`: joined to a folder, it stays directly in it. */
export type SafeName = SafeRelativePath & { readonly [checked]: { name: true } };

/**
 * A path below some folder, parts joined by `/`, checked by `isSafeRelativePath`: joined to a folder, it stays below
 * it.
 */
export type SafeRelativePath = string & { readonly [checked]: { relative: true } };

/** A path that leads through a link, or to something other than expected, so that it is not used. */
export class UnsafePath extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnsafePath';
  }
}

/** Returns true for a non-empty string without separators and NULs that is neither `.` nor `..`. */
export function isSafeName(value: unknown): value is SafeName {
  return typeof value === 'string' && value !== '' && value !== '.' && value !== '..' && !hasSeparator(value);
}

/** Returns a name as one that was checked. Throws `UnsafePath` for a string that cannot name a file or folder. */
export function safeName(value: string): SafeName {
  if (!isSafeName(value)) throw new UnsafePath(`'${value}' is not the name of a file or folder`);
  return value;
}

/** Returns true for names (`isSafeName`) joined by `/`: relative, without `..`, empty parts and dots. */
export function isSafeRelativePath(value: unknown): value is SafeRelativePath {
  return typeof value === 'string' && value.split('/').every(isSafeName);
}

/** Returns a relative path as one that was checked. Throws `UnsafePath` for a string that is none. */
export function safeRelativePath(value: string): SafeRelativePath {
  if (!isSafeRelativePath(value)) throw new UnsafePath(`'${value}' is not a path below a folder`);
  return value;
}

/** Returns the relative path of a name in a folder, which is empty for the topmost folder. */
export function pathBelow(folder: SafeRelativePath | '', name: SafeName): SafeRelativePath {
  return folder === '' ? name : (`${folder}/${name}` as SafeRelativePath);
}

function hasSeparator(name: string): boolean {
  return name.includes('/') || name.includes('\0') || (sep === '\\' && /[\\:]/.test(name));
}

/**
 * Throws `UnsafePath` unless every folder between a base and a path below it is a folder of its own: no link, and
 * nothing else. The base itself may be a link, and missing folders are fine.
 */
export function requirePlainParents(base: string, path: SafeRelativePath): void {
  const parent = dirname(path);
  if (parent === '.') return;
  let folder = base;
  for (const name of parent.split('/')) {
    folder = join(folder, name);
    const stats = statsOf(folder);
    if (stats === undefined) return;
    if (!stats.isDirectory()) throw new UnsafePath(`${folder} ${describe(stats)}`);
  }
}

/** Throws `UnsafePath` if something other than a folder has this path; a link counts as such. */
export function requirePlainFolder(path: string): void {
  const stats = statsOf(path);
  if (stats?.isDirectory() === false) throw new UnsafePath(`${path} ${describe(stats)}`);
}

/** Throws `UnsafePath` for a link, wherever it leads. */
export function requireNoLink(path: string): void {
  const stats = statsOf(path);
  if (stats?.isSymbolicLink() === true) throw new UnsafePath(`${path} ${describe(stats)}`);
}

function describe(stats: Stats): string {
  return stats.isSymbolicLink() ? 'is a link, and links are not followed there' : 'is not a folder';
}

/** Returns the state of a file; undefined if there is none, also below something that is not a folder. */
function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}
