import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { TrashedSession } from '../../../src/retention/trash/manifest.js';
import { rebuildSession } from '../../../src/retention/trash/rebuild.js';
import { UNKNOWN_ID } from '../../../src/retention/trash/safe-paths.js';
import { temporaryFolder } from '../../support/temporary.js';
import { id } from '../claude/disk.js';

const RUN = '2026-11-23T06-46-02Z-7f3a';
const OWN = id(1);
const DIR = '-home-me-app';
const PATH = `projects/${DIR}`;

const lines = (...entries: object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
/** A transcript that began as another session, with an agent's entry in it. */
const TRANSCRIPT = lines(
  { type: 'user', sessionId: id(9), isSidechain: true, cwd: '/elsewhere', customTitle: 'Of the agent' },
  { type: 'user', sessionId: id(8), cwd: '/home/me/app', aiTitle: 'Guessed' },
  { type: 'user', sessionId: OWN, cwd: '/later', customTitle: 'First' },
  { type: 'custom-title', customTitle: 'Last', sessionId: 'no id' },
  { type: 'user', sessionId: id(7), isSidechain: true },
);

/** Rebuilds an entry that consists of these files; paths that end in `/` are folders. */
function rebuilt(
  files: Record<string, string | Buffer>,
  { run = RUN, entry = '3', isBare = false, state = 'kept' as const } = {},
): TrashedSession {
  const runFolder = join(temporaryFolder('rebuild'), run);
  for (const [path, content] of Object.entries(files)) {
    const file = join(runFolder, entry, path);
    mkdirSync(path.endsWith('/') ? file : dirname(file), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(file, content, { mode: 0o640 });
  }
  utimesSync(join(runFolder, entry), 5000, 5000);
  return rebuildSession({ runFolder, named: { number: 3, isBare, state }, configDir: '/c' });
}

const pathsOf = ({ roots }: TrashedSession): string[] => roots.map(({ path }) => path);

describe('a session whose description is lost', () => {
  test('is described by its transcript', () => {
    const session = rebuilt({ '0': TRANSCRIPT, '1/tool-results/a.txt': 'output' });
    const { roots, ...facts } = session;
    expect(facts).toEqual({
      schemaVersion: 1,
      entry: 3,
      pruneId: RUN,
      trashedAt: '2026-11-23T06:46:02.000Z',
      id: OWN,
      configDir: '/c',
      projectDir: DIR,
      cwd: '/home/me/app',
      title: 'Last',
      kind: null,
      lastActivityAt: null,
      footprintBytes: TRANSCRIPT.length + 6,
      files: 2,
      reasons: [],
    });
    expect(roots.map(({ configDir, path, nodes }) => [configDir, path, nodes.map((node) => node.path)])).toEqual([
      ['/c', `${PATH}/${OWN}.jsonl`, ['']],
      ['/c', `${PATH}/${OWN}`, ['', 'tool-results', 'tool-results/a.txt']],
    ]);
  });

  test('gets its parts back by their names and contents', () => {
    const session = rebuilt({
      '0': TRANSCRIPT,
      '1/subagents/agent-a.jsonl': '{}',
      '2/0123@v1': '',
      '3/12.json': '',
      '4/.lock': '',
      '5/.highwatermark': '',
      '6/1.PNG': '',
      '7/a.sh': '',
      '8/': '',
      '9': ' [{"content":"x"}]',
      '10': 'some log',
      '11': lines({ isSidechain: true, agentId: 'a1', sessionId: OWN }),
      '12/notes': '',
      '14': lines({ isSidechain: true, agentId: '../up', type: 'user', sessionId: OWN }),
      '16': lines({ isSidechain: true, agentId: 'a\0b', sessionId: OWN }),
      '15': lines({ isSidechain: true, type: 'user', sessionId: OWN }),
      notes: '',
      '00001': '',
      '1000': '',
    });
    expect(pathsOf(session)).toEqual([
      `${PATH}/${OWN}.jsonl`,
      `${PATH}/${OWN}`,
      `file-history/${OWN}`,
      `tasks/${OWN}`,
      `tasks/${OWN}`,
      `tasks/${OWN}`,
      `image-cache/${OWN}`,
      `session-env/${OWN}`,
      `session-env/${OWN}`,
      `todos/${OWN}-agent-${OWN}.json`,
      `debug/${OWN}.txt`,
      `${PATH}/agent-a1.jsonl`,
      `${PATH}/${OWN}/recovered/12`,
      `${PATH}/${OWN}/recovered/13`,
      `${PATH}/${OWN}/recovered/14`,
      `${PATH}/${OWN}.jsonl`,
      `${PATH}/${OWN}/recovered/16`,
    ]);
    expect(session.roots[13]?.nodes).toEqual([]);
  });

  test('that was compressed is described by its compressed files, in the order of their numbers', () => {
    const agent = (agentId: string): Buffer =>
      gzipSync(lines({ isSidechain: true, agentId, sessionId: OWN, type: 'user' }));
    const session = rebuilt({
      'packed-0-0.gz': gzipSync(TRANSCRIPT),
      '1/subagents/agent-a.jsonl': '{}',
      '1/tool-results/a.txt': 'output',
      '4/odd': '',
      'packed-4-1.gz': 'damaged',
      'packed-1-4.gz': 'damaged',
      'packed-1-3.gz': agent('b'),
      'packed-2-0.gz': gzipSync('no entries'),
      'packed-3-0.gz': agent('c'),
      'packed-1000-0.gz': agent('d'),
    });
    expect([session.id, session.title, session.files]).toEqual([OWN, 'Last', 9]);
    expect(pathsOf(session)).toEqual([
      `${PATH}/${OWN}.jsonl`,
      `${PATH}/${OWN}`,
      `${PATH}/${OWN}/recovered/2`,
      `${PATH}/agent-c.jsonl`,
      `${PATH}/${OWN}`,
    ]);
    expect(session.roots[1]?.nodes.map(({ path }) => path)).toEqual([
      '',
      'subagents',
      'subagents/agent-a.jsonl',
      'subagents/agent-b.jsonl',
      'subagents/agent-recovered4.jsonl',
      'tool-results',
      'tool-results/a.txt',
    ]);
    expect(session.roots[0]?.nodes).toMatchObject([{ path: '', kind: 'file', bytes: -1, mode: 0o600 }]);
  });

  test('is its file if it has no folder in the trash', () => {
    const session = rebuilt({ '': TRANSCRIPT }, { entry: '3-0', isBare: true });
    expect([session.id, pathsOf(session), session.files]).toEqual([OWN, [`${PATH}/${OWN}.jsonl`], 1]);
  });

  test('of which nothing is known has no id and no project', () => {
    const session = rebuilt({ '0/x': '' });
    expect(session).toMatchObject({ id: UNKNOWN_ID, projectDir: '-recovered', cwd: null, title: null });
    expect(pathsOf(session)).toEqual([`projects/-recovered/${UNKNOWN_ID}/recovered/0`]);
  });

  test.each(['0000-00-00T-x', 'x2026-11-23T06-46-02Z', '2026-99-23T06-46-02Z'])(
    'of run %s, which names no time, has the time of its files, so that it does not expire at once',
    (run) => {
      expect(rebuilt({ '0/x': '' }, { run }).trashedAt).toBe('1970-01-01T01:23:20.000Z');
    },
  );

  test('is listed with the time of its run', () => {
    expect(rebuilt({ '0/x': '' }, { run: `${RUN}-2` }).trashedAt).toBe('2026-11-23T06:46:02.000Z');
  });

  test('has the id of its agents if it has no other, no relative folder, and any title it finds', () => {
    const session = rebuilt({ '0': lines({ isSidechain: true, agentId: 'a', sessionId: OWN }) });
    expect([session.id, pathsOf(session)]).toEqual([OWN, ['projects/-recovered/agent-a.jsonl']]);
    const relative = rebuilt({
      '0': lines({ sessionId: OWN, type: 'x', cwd: 'home' }, { aiTitle: 'A' }, { aiTitle: 'B' }),
    });
    expect(relative).toMatchObject({ cwd: null, title: 'B', projectDir: '-recovered' });
  });

  test('is read up to 64 KiB of its transcript, 16 KiB of a compressed one', () => {
    const title = '{"aiTitle":"x"}';
    const first = (bytes: number): string => {
      const empty = lines({ sessionId: OWN, text: '' });
      return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
    };
    const titleOf = (name: string, content: string | Buffer): string | null => rebuilt({ [name]: content }).title;
    expect(titleOf('0', first(64 * 1024 - title.length) + title)).toBe('x');
    expect(titleOf('0', first(64 * 1024) + title)).toBeNull();
    // Stored without compression, after a header of 10 bytes and one of 5 bytes.
    const packed = (bytes: number): Buffer => gzipSync(first(bytes - 15) + title, { level: 0 });
    expect(titleOf('packed-0-0.gz', packed(16 * 1024 - title.length))).toBe('x');
    expect(titleOf('packed-0-0.gz', packed(16 * 1024))).toBeNull();
  });
});
