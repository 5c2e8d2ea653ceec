import { crc32 } from 'node:zlib';
import { decodeFolders, encodeFolders } from './folders/encode-folders.js';
import type { FolderContent } from './folders/folder-content.js';
import type { StoredFolder } from './folders/stored-folder.js';
import { ByteReader, ByteWriter } from './cursor.js';
import { Rejected } from './rejection.js';
import type { SegmentName } from './segments/segments.js';
import { FLAG_NAMES } from './table/flags.js';
import { ColumnTable } from './table/column-table.js';
import { noFacts } from '../../transcript/fold/transcript-facts.js';

/**
 * Version of the layout of the index's files and of the facts parsed from transcripts. Raise it with every change to
 * either; an index of another version is rebuilt. A new boolean column or fact needs no new version: the header lists
 * their names.
 */
const VERSION = 30;
const MAGIC = 'ccsess-index';
/** Numbers can be read in place only at a multiple of eight. */
const ALIGNMENT = 8;
const FLAGS = FLAG_NAMES.join(' ');
const FACTS = Object.keys(noFacts()).join(' ');

/** Content of the main file. Each session is a row of the table; the rows of a project dir follow one another. */
export interface IndexContent {
  root: string;
  table: ColumnTable;
  folders: readonly (FolderContent | StoredFolder)[];
  segments: readonly SegmentName[];
}

/** Content of the main file as read. */
export type LoadedContent = Omit<IndexContent, 'folders'> & { folders: readonly StoredFolder[] };

/** Sections after the header, in file order; the header has their lengths in bytes. */
const SECTIONS = ['table', 'folders', 'names', 'texts'] as const;
type Section = (typeof SECTIONS)[number];

interface Header {
  root: string;
  /** Names of the boolean columns, in the order of their bits. */
  flags: string;
  /** Names of the facts of a transcript. */
  facts: string;
  sessions: number;
  sections: Record<Section, number>;
  segments: SegmentName[];
}

/** Encodes the main file of an index, in pieces. */
export function encodeIndex({ root, table, folders, segments }: IndexContent): readonly Buffer[] {
  const encoded = encodeFolders(folders);
  const write: Record<Section, (writer: ByteWriter) => void> = {
    table: (writer) => writer.floats(table.numbers),
    folders: (writer) => writer.floats(encoded.numbers),
    names: (writer) => writer.text(encoded.names),
    texts: (writer) => writer.text(encoded.texts),
  };
  const body = new ByteWriter();
  const lengths = SECTIONS.map((section): [Section, number] => {
    const start = body.length;
    write[section](body);
    return [section, body.length - start];
  });
  const header: Header = {
    root,
    flags: FLAGS,
    facts: FACTS,
    sessions: table.length,
    sections: Object.fromEntries(lengths) as Record<Section, number>,
    segments: [...segments],
  };
  const checked = new ByteWriter();
  const headerBytes = padded(Buffer.from(JSON.stringify(header)));
  checked.word(headerBytes.length);
  checked.add(headerBytes);
  for (const piece of body.pieces) checked.add(piece);
  const file = new ByteWriter();
  file.text(MAGIC);
  file.word(VERSION);
  file.word(checked.pieces.reduce((crc, piece) => crc32(piece, crc), 0));
  return [...file.pieces, ...checked.pieces];
}

/** Decodes the main file of a projects folder's index. Rejects anything that `encodeIndex` did not make. */
export function decodeIndex(bytes: Buffer, root: string): LoadedContent {
  const reader = new ByteReader(bytes);
  if (reader.text(MAGIC.length) !== MAGIC) throw new Rejected('foreign');
  if (reader.word() !== VERSION) throw new Rejected('version');
  if (reader.word() !== crc32(reader.rest)) throw new Rejected('checksum');
  const header = parseHeader(reader.text(reader.word()));
  if (header.flags !== FLAGS) throw new Rejected('flags');
  if (header.facts !== FACTS) throw new Rejected('facts');
  if (header.root !== root) throw new Rejected('root');
  const { sections, segments, sessions } = header;
  const table = ColumnTable.from(reader.floats(sections.table), sessions);
  const numbers = reader.floats(sections.folders);
  const names = reader.text(sections.names);
  const texts = reader.text(sections.texts);
  reader.end();
  return { root, table, segments, folders: decodeFolders({ numbers, names, texts }, table) };
}

function parseHeader(text: string): Header {
  try {
    const header = JSON.parse(text) as Header;
    const lengths = SECTIONS.map((section) => header.sections[section]);
    const isHeader = lengths.every(Number.isSafeInteger) && Array.isArray(header.segments);
    if (isHeader) return header;
  } catch {
    // Rejected below.
  }
  throw new Rejected('header');
}

/** Pads the header so that what follows it begins at a multiple of eight. */
function padded(header: Buffer): Buffer {
  const start = MAGIC.length + 3 * Uint32Array.BYTES_PER_ELEMENT;
  const padding = (ALIGNMENT - ((start + header.length) % ALIGNMENT)) % ALIGNMENT;
  return Buffer.concat([header, Buffer.alloc(padding, ' ')]);
}
