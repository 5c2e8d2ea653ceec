import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/system/time.js';
import { run } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';
import { promptLine, temporaryHome } from '../../support/transcripts.js';

const NAMES = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'];

/** Two sessions, a cache folder, and a search that prints ids. */
function world() {
  const files = Object.fromEntries(
    NAMES.map((id, n) => [
      `projects/-home-dev-app/${id}.jsonl`,
      promptLine(`A text of number ${n}: ${'journal '.repeat(9)}`),
    ]),
  );
  const home = temporaryHome(files);
  const cacheDir = temporaryFolder('cache');
  const transcript = (n: number): string => join(home.path, 'projects/-home-dev-app', `${NAMES[n] ?? ''}.jsonl`);
  // The clock of the search is ahead of the times of the files, so that they have settled.
  const search = async (query: string, ...flags: string[]): Promise<string[]> => {
    const { stdout } = await run(['search', query, '-l', '--config-dir', home.path, ...flags], {
      cacheDir,
      now: Date.now() + MINUTE_MS,
    });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .sort();
  };
  const filters = (): string | undefined => readdirSync(cacheDir).find((name) => name.endsWith('.filters'));
  const bytes = (): number => statSync(join(cacheDir, filters() ?? '')).size;
  return { home, cacheDir, transcript, search, filters, bytes };
}

describe('a search', () => {
  test('writes filters, and gives the same answers with them', async () => {
    const { search, filters, bytes } = world();
    expect(await search('kumquat')).toEqual([]);
    expect(filters()).toBeDefined();
    const size = bytes();
    expect(await search('journal')).toEqual(NAMES);
    expect(await search('"number 1"')).toEqual([NAMES[1]]);
    expect(bytes()).toBe(size);
  });

  test('gives the same answers while it makes filters as without them, even of texts across their blocks', async () => {
    const { search, home, transcript } = world();
    const block = 256 * 1024;
    const filler = (bytes: number): string => 'the journal is written '.repeat(Math.ceil(bytes / 23)).slice(0, bytes);
    const head = promptLine('').length;
    for (const [n, cut] of [block - head - 4, 2 * block - head + 100].entries())
      writeFileSync(transcript(n), `${promptLine(`${filler(cut)} kumquat rename ${filler(block)} sextant${n}`)}\n`);
    const queries = [
      'kumquat',
      'quat rename',
      'Kumquat',
      'sextant1 kumquat',
      '/kumq\\w+ ren/',
      'ren',
      'absent kumquat',
    ];
    const answers = [NAMES, NAMES, [], [NAMES[1]], NAMES, NAMES, []];
    for (const [at, query] of queries.entries()) {
      const first = await run(['search', query, '-l', '--config-dir', home.path], {
        cacheDir: temporaryFolder('first'),
      });
      expect([query, first.stdout.split('\n').filter(Boolean).sort()]).toEqual([query, answers[at]]);
      expect([query, await search(query, '--no-cache')]).toEqual([query, answers[at]]);
      expect([query, await search(query)]).toEqual([query, answers[at]]);
    }
  });

  test('skips files by their filters alone', async () => {
    const { search, transcript } = world();
    await search('kumquat');
    // Size and times stay the same: only the content differs.
    const { size, atimeMs, mtimeMs } = statSync(transcript(0));
    const text = readFileSync(transcript(0), 'utf8');
    writeFileSync(transcript(0), text.replace('journal', 'kumquat'));
    utimesSync(transcript(0), atimeMs / 1000, mtimeMs / 1000);
    expect(statSync(transcript(0)).size).toBe(size);
    // The ctime cannot be set back, so the filter is not used.
    expect(await search('kumquat')).toEqual([NAMES[0]]);
  });

  test('finds appended text, and removes the filters of files that are gone', async () => {
    const { search, transcript, bytes } = world();
    await search('kumquat');
    appendFileSync(transcript(1), promptLine('a kumquat at last'));
    expect(await search('kumquat')).toEqual([NAMES[1]]);
    const size = bytes();
    rmSync(transcript(0));
    expect(await search('kumquat')).toEqual([NAMES[1]]);
    expect(bytes()).toBeLessThan(size);
  });

  test('notices results that are added to a folder, changed or removed', async () => {
    const { search, home, bytes, transcript } = world();
    const folder = join(transcript(0).replace('.jsonl', ''), 'tool-results');
    const refer = (name: string): string =>
      promptLine('', {
        message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'cut' }] },
        toolUseResult: { persistedOutputPath: `/x/tool-results/${name}` },
      });
    appendFileSync(transcript(0), refer('a.txt') + refer('b.txt'));
    const inFolder = (name: string): string => join(folder, name);
    const add = (name: string, text: string): void => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(inFolder(name), text);
    };
    add('a.txt', 'a mangosteen');
    const searchResults = async (query: string): Promise<string[]> => search(query, '--in', 'result');
    expect(await searchResults('mangosteen')).toEqual([NAMES[0]]);
    const size = bytes();
    expect(await searchResults('mangosteen')).toEqual([NAMES[0]]);
    expect(await searchResults('tangerine')).toEqual([]);
    expect(bytes()).toBe(size);
    add('b.txt', 'a tangerine');
    expect(await searchResults('tangerine')).toEqual([NAMES[0]]);
    add('a.txt', 'a tamarillo!');
    expect(await searchResults('tamarillo')).toEqual([NAMES[0]]);
    expect(await searchResults('mangosteen')).toEqual([]);
    rmSync(inFolder('b.txt'));
    expect(await searchResults('tangerine')).toEqual([]);
    // From then on the folder is not listed, and nothing is written.
    expect(await searchResults('tangerine')).toEqual([]);

    const rest = bytes();
    expect(await searchResults('tangerine')).toEqual([]);
    expect(await searchResults('tamarillo')).toEqual([NAMES[0]]);
    expect(bytes()).toBe(rest);
    rmSync(home.path, { recursive: true });
    expect(await searchResults('tamarillo')).toEqual([]);
  });

  test('reads and writes no filters with --no-cache', async () => {
    const { search, filters } = world();
    expect(await search('journal', '--no-cache')).toEqual(NAMES);
    expect(filters()).toBeUndefined();
  });

  test('gives the same answers where filters are damaged or cannot be written', async () => {
    const { search, cacheDir, filters, home } = world();
    await search('kumquat');
    const path = join(cacheDir, filters() ?? '');
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 37) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x5a;
      writeFileSync(path, damaged);
      expect(await search('journal')).toEqual(NAMES);
    }
    await search('kumquat');
    expect(readFileSync(path).length).toBe(whole.length);
    const { stdout, stderr } = await run(['search', 'journal', '-l', '--config-dir', home.path], {
      cacheDir: join(path, 'no-folder'),
    });
    expect({ lines: stdout.split('\n').length, stderr }).toEqual({ lines: 3, stderr: '' });
  });

  test('is counted and cleared with the index', async () => {
    const { search, cacheDir, filters, bytes, home } = world();
    await search('kumquat');
    const { stdout } = await run(['index', '--json', '--config-dir', home.path], { cacheDir });
    expect(JSON.parse(stdout)).toMatchObject([{ filterBytes: bytes() }]);
    await run(['index', 'clear', '--config-dir', home.path], { cacheDir });
    expect(filters()).toBeUndefined();
    expect(existsSync(cacheDir)).toBe(true);
  });
});
