import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Segments } from '../../../src/session-index/format/segments/segments.js';
import { saveStore, sideFilePath, storeName, type SideFile } from '../../../src/session-index/format/store.js';
import { ColumnTable } from '../../../src/session-index/format/table/column-table.js';
import { temporaryFolder } from '../../support/temporary.js';

const ROOT = '/home/user/.claude/projects';
const DAY_S = 24 * 60 * 60;

it('saves an index, removes old segments without a reference, and keeps the side files', () => {
  const folder = temporaryFolder('store');
  const sideFiles: readonly SideFile[] = ['totals', 'cwds', 'sums', 'paths'];
  const side = sideFiles.map((file) => sideFilePath(folder, ROOT, file));
  const [old, other] = [`${storeName(ROOT)}.abc.segment`, 'other-12345678.abc.segment'].map((name) =>
    join(folder, name),
  );
  for (const path of [...side, old, other] as string[]) {
    writeFileSync(path, 'x');
    utimesSync(path, DAY_S, DAY_S);
  }
  const store = { table: ColumnTable.of([]), segments: new Segments(() => {}), folders: [] };
  expect(saveStore(folder, ROOT, store, 2 * DAY_S * 1000)).toBe(true);
  expect([old, other].map((path) => existsSync(path as string))).toEqual([false, true]);
  expect(side.filter((path) => !existsSync(path))).toEqual([]);
});
