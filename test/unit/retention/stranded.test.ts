import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasStranded, putBackStranded } from '../../../src/retention/restore/stranded.js';
import { temporaryFolder } from '../../support/temporary.js';
import { configDirs, id } from '../claude/disk.js';

const staged = (name: string, root = 0): string => `.ccsess-run-1-${root}~${name}~`;
const [OWN, OTHER] = [id(1), id(2)];

/** A config dir with files by their paths. */
function home(...paths: string[]): string {
  const root = temporaryFolder('stranded');
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  }
  return root;
}

const files = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

/** The outcomes by id: project dir and error. */
const putBackIn = (root: string, known: string[] = []): Record<string, [string, string | null]> =>
  Object.fromEntries(
    putBackStranded(configDirs(root), new Set(known.map((path) => join(root, path)))).map((one) => [
      one.id,
      [one.projectDir, one.error?.replaceAll(root, 'DIR') ?? null],
    ]),
  );

describe('staged files of a run whose trash is gone', () => {
  test('are put back, each session once, with its project dir if one of its files has one', () => {
    const root = home(
      `tasks/${staged(OWN)}/1.json`,
      `projects/-a/${staged(`${OWN}.jsonl`, 1)}`,
      `projects/-a/${staged(OWN, 2)}/tool-results/a.txt`,
      `projects/-b/${staged('agent-a1.jsonl')}`,
      `debug/${staged(`${OTHER}.txt`)}`,
    );
    expect(hasStranded(configDirs(root))).toBe(true);
    expect(putBackIn(root)).toEqual({ [OWN]: ['-a', null], 'agent-a1': ['-b', null], [OTHER]: ['', null] });
    expect(files(root)).toEqual([
      `debug/${OTHER}.txt`,
      `projects/-a/${OWN}.jsonl`,
      `projects/-a/${OWN}/tool-results/a.txt`,
      'projects/-b/agent-a1.jsonl',
      `tasks/${OWN}/1.json`,
    ]);
    expect([hasStranded(configDirs(root)), putBackIn(root)]).toEqual([false, {}]);
  });

  test('are left alone if an entry is known that has them', () => {
    const path = `projects/-a/${staged(`${OWN}.jsonl`)}`;
    const root = home(path, `projects/-a/${staged(`${OTHER}.jsonl`)}`);
    expect(putBackIn(root, [path])).toEqual({ [OTHER]: ['-a', null] });
    expect(files(root)).toEqual([path, `projects/-a/${OTHER}.jsonl`]);
  });

  test.each([
    `projects/-a/${OWN}.jsonl`,
    `projects/-a/.ccsess-run-1-0~${OWN}.jsonl`,
    `projects/-a/.ccsess-run-1-0${OWN}.jsonl~`,
    `projects/-a/${staged('..')}`,
    `projects/-a/${staged('notes.txt')}`,
    `notes/${staged(OWN)}`,
    `projects/-a/sub/${staged(OWN)}`,
  ])('are not %s', (path) => {
    const root = home(path);
    expect([hasStranded(configDirs(root)), putBackIn(root), files(root)]).toEqual([false, {}, [path]]);
  });

  test('stay where a link leads elsewhere, or something else exists', () => {
    const path = `projects/-a/${staged(`${OWN}.jsonl`)}`;
    const linked = home(path);
    renameSync(join(linked, 'projects/-a'), join(linked, 'elsewhere'));
    symlinkSync('../elsewhere', join(linked, 'projects/-a'));
    expect(putBackIn(linked)).toEqual({
      [OWN]: ['-a', 'DIR/projects/-a is a link, and links are not followed there'],
    });
    const link = home(`projects/-a/x`);
    symlinkSync('x', join(link, path));
    expect(putBackIn(link)).toEqual({ [OWN]: ['-a', `DIR/${path} is a link`] });
    const taken = home(path, `projects/-a/${OWN}.jsonl/x`, `tasks/${staged(OWN)}/1.json`);
    expect(putBackIn(taken)).toEqual({ [OWN]: ['-a', `it exists: DIR/projects/-a/${OWN}.jsonl`] });
    expect([readFileSync(join(taken, path), 'utf8'), files(taken).includes(`tasks/${OWN}/1.json`)]).toEqual([
      path,
      true,
    ]);
  });
});
