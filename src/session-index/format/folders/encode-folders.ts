import type { FolderContent } from './folder-content.js';
import { FOLDER_HEAD, headOf, NUMBER_LISTS, TEXT_LISTS } from './folder-layout.js';
import { StoredFolder, type EncodedFolder, type FolderSource } from './stored-folder.js';
import { ListReader } from '../cursor.js';
import { Rejected } from '../rejection.js';
import type { ColumnTable } from '../table/column-table.js';

/** Project dirs as stored: numbers, all names of transcripts, and other texts separated by NULs. */
export interface EncodedFolders {
  numbers: Float64Array;
  names: string;
  texts: string;
}

/** Encodes project dirs; a `StoredFolder` is copied as it is stored. */
export function encodeFolders(folders: readonly (FolderContent | StoredFolder)[]): EncodedFolders {
  const parts = folders.map((folder) => (folder instanceof StoredFolder ? folder.encoded : encodeFolder(folder)));
  const numbers = new Float64Array(parts.reduce((sum, part) => sum + part.numbers.length, 0));
  let next = 0;
  for (const part of parts) {
    numbers.set(part.numbers, next);
    next += part.numbers.length;
  }
  return {
    numbers,
    names: parts.map(({ names }) => names).join(''),
    texts: parts.map(({ texts }) => texts.join('\0')).join('\0'),
  };
}

/** Decodes project dirs. Rejects lists whose transcripts are not as many as the sessions of the table. */
export function decodeFolders({ numbers, names, texts }: EncodedFolders, table: ColumnTable): StoredFolder[] {
  const source: FolderSource = {
    numbers: new ListReader(numbers, 'folders'),
    names: new ListReader(names, 'folders'),
    texts: new ListReader<readonly string[]>(texts.split('\0'), 'folders'),
  };
  const folders: StoredFolder[] = [];
  let row = 0;
  while (!source.numbers.isAtEnd) {
    const folder = new StoredFolder(source, table, row);
    folders.push(folder);
    row += folder.transcripts.length;
  }
  const isWhole = row === table.length && source.names.isAtEnd && (source.texts.isAtEnd || folders.length === 0);
  if (!isWhole) throw new Rejected('folders');
  return folders;
}

function encodeFolder(content: FolderContent): EncodedFolder {
  const head = headOf(content);
  const lists = Object.values(NUMBER_LISTS);
  const width = lists.reduce((sum, { field, count }) => sum + field.width * count(head), FOLDER_HEAD.width);
  const numbers = new Float64Array(width);
  FOLDER_HEAD.write(head, numbers, 0);
  let at = FOLDER_HEAD.width;
  for (const { field, items } of lists) {
    for (const item of items(content)) {
      field.write(item, numbers, at);
      at += field.width;
    }
  }
  const texts = Object.values(TEXT_LISTS).flatMap(({ items }) => items(content));
  return { numbers, names: content.names, texts };
}
