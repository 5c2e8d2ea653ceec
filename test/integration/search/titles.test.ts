import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import { run } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';
import { line, promptLine, temporaryHome } from '../../support/transcripts.js';

const DIR = 'projects/-home-dev-app';
const session = (n: number): string => `aaaaaaaa-0000-4000-8000-00000000000${n}`;
const title = (n: number, customTitle: string): string =>
  line({ type: 'custom-title', customTitle, sessionId: session(n) });

/** Sessions whose titles are shown in another form than their files have them. */
const HOME = temporaryHome({
  [`${DIR}/${session(1)}.jsonl`]: promptLine('one') + title(1, 'Quince\t \n jelly'),
  [`${DIR}/${session(2)}.jsonl`]: promptLine('two') + title(2, 'qui<b>x</b>nce pie'),
  [`${DIR}/${session(3)}.jsonl`]: promptLine('three') + line({ type: 'tag', tag: 'quince', sessionId: session(3) }),
  [`${DIR}/${session(4)}.jsonl`]: promptLine('four'),
  [`${DIR}/${session(4)}/custom-title.json`]: JSON.stringify({ customTitle: 'Quince bread' }),
  [`${DIR}/${session(5)}.jsonl`]: line({
    type: 'user',
    message: { role: 'user', content: 'five' },
    sessionId: session(5),
  }),
  [`projects/-srv-quince/${session(6)}.jsonl`]: promptLine('six', { cwd: '/srv/quince' }),
  [`projects/-srv-quince/${session(7)}.jsonl`]: promptLine('seven', { cwd: undefined }),
  [`${DIR}/${session(8)}.jsonl`]: promptLine('eight quince', { gitBranch: 'QUINCE/fix' }),
});

describe('a search in titles', () => {
  const cacheDir = temporaryFolder('cache');
  const search = async (query: string, ...flags: string[]): Promise<number[]> => {
    const args = ['search', query, '-l', '--in', 'title', '-a', '--config-dir', HOME.path, ...flags];
    const { stdout } = await run(args, { cacheDir });
    return stdout
      .split('\n')
      .flatMap((id) => (id === '' ? [] : [Number(id.at(-1))]))
      .sort();
  };

  test.each([
    ['quince', [1, 2, 3, 4, 6, 7, 8]],
    ['"quince jelly"', [1]],
    ['/quince (jelly|pie)/i', [1, 2]],
    ['quince bread', [4]],
    ['#quince', [3]],
    ['/^#quin/', [3]],
    ['/srv/quince', [6, 7]],
    ['"app\nmain"', [1, 2, 3, 4]],
    ['QUINCE', [8]],
    ['eight', []],
  ])('finds %j', async (query, found) => {
    expect(await search(query)).toEqual(found);
    expect(await search(query, '--no-cache')).toEqual(found);
  });

  test('finds no titles if matches are limited by time', async () => {
    expect(await search('quince', '--since', '2020-01-01')).toEqual([]);
  });

  test('finds masks, which no file contains', async () => {
    expect(await search('quince', '--redact')).toEqual([1, 2, 3, 4, 6, 7, 8]);
  });
});

describe('kept names of sessions', () => {
  const home = temporaryHome({
    [`${DIR}/${session(1)}.jsonl`]: promptLine('one') + title(1, 'quince jelly'),
    [`${DIR}/${session(2)}.jsonl`]: promptLine('two') + title(2, 'apple pie'),
  });
  const cacheDir = temporaryFolder('kept-names');
  const path = (): string => join(cacheDir, readdirSync(cacheDir).find((name) => name.endsWith('.names')) ?? '');
  const search = async (query: string): Promise<string> => {
    const configDirs = resolveConfigDirs({ explicit: [home.path], env: {}, home: home.path, cwd: home.path });
    const index = await openSessionIndex({ configDirs, cacheDir, now: Date.now });
    const { stdout } = await run(['search', query, '-l', '--in', 'title', '--config-dir', home.path], {
      cacheDir,
      index,
    });
    return stdout.trim();
  };

  test('give way to new titles', async () => {
    expect(await search('quince')).toBe(session(1));
    const before = readFileSync(path());
    appendFileSync(join(home.path, DIR, `${session(2)}.jsonl`), title(2, 'quince pie'));
    appendFileSync(join(home.path, DIR, `${session(1)}.jsonl`), title(1, 'plum jelly'));
    expect([await search('quince'), await search('plum'), await search('apple')]).toEqual([session(2), session(1), '']);
    expect(readFileSync(path())).toEqual(before);
  });

  test('are read anew where they are damaged, and removed with the index', async () => {
    const whole = readFileSync(path());
    for (let at = 0; at < whole.length; at += 29) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x5a;
      writeFileSync(path(), damaged);
      expect([await search('quince'), await search('apple')]).toEqual([session(2), '']);
    }
    await run(['index', 'clear', '--config-dir', home.path], { cacheDir });
    expect(readdirSync(cacheDir)).toEqual([]);
  });
});
