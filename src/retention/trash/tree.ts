import { chmodSync, lstatSync, readdirSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { errorCode, isUnreadable } from '../../system/problem.js';
import { pathBelow, safeName, type SafeRelativePath } from '../../system/safe-path.js';
import { PRIVATE_FOLDER } from '../../system/write-file.js';

/** The kinds of nodes; `other` are pipes, sockets, devices and files whose state cannot be read. */
export const NODE_KINDS = ['file', 'folder', 'link', 'other'] as const;

/** Kind of a file. */
export type NodeKind = (typeof NODE_KINDS)[number];

/** One file or folder of a tree, as it was at one moment. */
export interface TreeNode {
  /** Below the tree's root, parts joined by `/`; empty for the root itself. */
  path: SafeRelativePath | '';
  kind: NodeKind;
  /** Size of a file; 0 for all else. */
  bytes: number;
  /** Permission bits. */
  mode: number;
  /** Milliseconds with their fraction. */
  mtimeMs: number;
}

/**
 * Returns a file or folder with everything below it, parents before children; links are not followed. Throws `ENOENT`
 * if it is gone. `stats` are those of the root, if they were just read.
 */
export function treeOf(root: string, stats: Stats = lstatSync(root)): TreeNode[] {
  const nodes: TreeNode[] = [];
  addNodes(root, '', stats, nodes);
  return nodes;
}

function addNodes(root: string, path: TreeNode['path'], stats: Stats | undefined, nodes: TreeNode[]): void {
  const kind = kindOf(stats);
  nodes.push({
    path,
    kind,
    bytes: stats?.isFile() === true ? stats.size : 0,
    mode: (stats?.mode ?? 0) & 0o7777,
    mtimeMs: stats?.mtimeMs ?? 0,
  });
  if (kind !== 'folder') return;
  for (const name of readdirSync(join(root, path)).sort()) {
    const below = pathBelow(path, safeName(name));
    addNodes(root, below, statIfExists(join(root, below)), nodes);
  }
}

function kindOf(stats: Stats | undefined): NodeKind {
  if (stats === undefined) return 'other';
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

/** Returns true if a tree has the same names and files as before, so that nothing was written, created or removed. */
export function isSameTree(before: readonly TreeNode[], after: readonly TreeNode[]): boolean {
  return before.length === after.length && before.every((node, i) => isSameNode(node, after[i]));
}

function isSameNode(a: TreeNode, b: TreeNode | undefined): boolean {
  if (b === undefined || a.path !== b.path || a.kind !== b.kind) return false;
  return a.kind !== 'file' || (a.bytes === b.bytes && a.mtimeMs === b.mtimeMs);
}

/** Returns the state of the file at a path, links not followed; `undefined` if there is none. Throws Node's error. */
export function statIfExists(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/**
 * Returns the bytes of the regular files from a path down, hard links counted once and unreadable files not at all; 0
 * if it is gone.
 */
export function bytesBelow(path: string, counted = new Set<string>()): number {
  try {
    return bytesIn(path, counted);
  } catch (error) {
    if (isUnreadable(error)) return 0;
    throw error;
  }
}

function bytesIn(path: string, counted: Set<string>): number {
  const stats = statIfExists(path);
  if (stats === undefined) return 0;
  if (stats.isDirectory())
    return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name), counted), 0);
  const inode = `${stats.dev}:${stats.ino}`;
  if (!stats.isFile() || counted.has(inode)) return 0;
  if (stats.nlink > 1) counted.add(inode);
  return stats.size;
}

/** Removes a file or folder, if it exists; a link is removed, not what it leads to. Throws Node's error. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (errorCode(error) !== 'EACCES') throw error;
    // The trash keeps the modes of folders, so some may be read-only.
    openFolders(path);
    rmSync(path, { recursive: true, force: true });
  }
}

function openFolders(path: string): void {
  if (statIfExists(path)?.isDirectory() !== true) return;
  chmodSync(path, PRIVATE_FOLDER);
  for (const name of readdirSync(path)) openFolders(join(path, name));
}
