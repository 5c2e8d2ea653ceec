import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConfigDir } from '../../src/claude/model.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import type { SessionRecord } from '../../src/session-index/record.js';
import type { SessionLedger } from '../../src/session-index/format/ledger/session-ledger.js';
import { TranscriptReader } from '../../src/transcript/fold/read-transcript.js';
import { addFile, answerLine, line, promptLine, temporaryHome } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';
const C = '00000000-0000-4000-8000-00000000000c';
const D = '00000000-0000-4000-8000-00000000000d';
const TRANSCRIPT = `projects/-home-dev-app/${A}.jsonl`;

let home: ConfigDir;
let cacheDir: string;

beforeEach(() => {
  home = temporaryHome({
    [TRANSCRIPT]: promptLine('first') + answerLine('msg_1', 'done'),
    [`projects/-home-dev-app/${B}.jsonl`]: '',
    [`projects/-home-dev-app/${A}/subagents/agent-a1.jsonl`]: answerLine('msg_2', 'sub', {
      timestamp: '2026-11-21T00:00:00.000Z',
    }),
  });
  cacheDir = temporaryFolder('cache');
});

/** Late enough that every folder of the test counts as settled. */
const LATER = Date.now() + 3_600_000;

const AMOUNT_NAMES = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'webSearches'] as const;

/** Returns the index's record of every session, each with its ledger as text. */
async function records(cache: string | null = cacheDir, now = LATER): Promise<(SessionRecord & { ledger: string })[]> {
  const index = await openSessionIndex({ configDirs: [home], cacheDir: cache, now: () => now });
  const rows = [...index.rows].sort((a, b) => (a.file.id < b.file.id ? -1 : 1));
  const ledgers = index.ledgers(rows);
  return index
    .records(rows, { footprint: true })
    .map((record, at) => ({ ...record, ledger: textOf(ledgers[at] ?? null) }));
}

function textOf(ledger: SessionLedger | null): string {
  if (ledger === null) return '';
  const responses = Array.from({ length: ledger.length }, (_, row) => [
    ledger.model(row),
    ledger.time(row),
    ledger.request(row),
    ...AMOUNT_NAMES.map((name) => ledger.amount(row, name)),
  ]);
  const prompts = Array.from({ length: ledger.prompts }, (_, at) => ledger.promptTime(at));
  return JSON.stringify({ about: ledger.about, responses, prompts, ids: [...ledger.ids, ...ledger.promptIds] });
}

/** Counts the transcripts, subagents' included, that a call reads. */
async function readsOf(action: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(TranscriptReader.prototype, 'foldTranscript');
  await action();
  const count = spy.mock.calls.length;
  spy.mockRestore();
  return count;
}

describe('the index', () => {
  it('gives one result with a filled, an empty and no cache; reads no transcript with a filled one', async () => {
    const uncached = await records(null);
    expect(await records()).toEqual(uncached);
    expect(await readsOf(async () => expect(await records()).toEqual(uncached))).toBe(0);
    expect(
      uncached.map(({ id, prompts, subagents, tokens, lastActivityAt }) => [
        id,
        prompts,
        subagents,
        tokens.total,
        lastActivityAt,
      ]),
    ).toEqual([
      [A, 1, 1, 20, '2026-11-21T00:00:00.000Z'],
      [B, 0, 0, 0, null],
    ]);
  });

  it('rereads only files that grew, shrank, were replaced or touched', async () => {
    await records();
    const path = join(home.path, TRANSCRIPT);
    appendFileSync(path, promptLine('second'));
    expect(await readsOf(async () => expect((await records())[0]?.prompts).toBe(2))).toBe(2);
    const { mtime, atime } = statSync(path);
    const other = readFileSync(path, 'utf8').replace('second', 'thirds');
    writeFileSync(`${path}.new`, other);
    utimesSync(`${path}.new`, atime, mtime);
    renameSync(`${path}.new`, path);
    expect((await records())[0]?.lastPrompt).toBe('thirds');
    truncateSync(path, 0);
    expect((await records())[0]?.prompts).toBe(0);
    expect(await readsOf(records)).toBe(0);
  });

  it('notices a subagent that was changed, added or removed', async () => {
    await records();
    appendFileSync(
      join(home.path, `projects/-home-dev-app/${A}/subagents/agent-a1.jsonl`),
      answerLine('msg_3', 'more'),
    );
    expect((await records())[0]?.tokens.total).toBe(30);
    addFile(
      home.path,
      `projects/-home-dev-app/${A}/subagents/workflows/wf_1/agent-a2.jsonl`,
      answerLine('msg_4', 'flow'),
    );
    expect((await records())[0]).toMatchObject({ subagents: 2, tokens: { total: 40 } });
    rmSync(join(home.path, `projects/-home-dev-app/${A}`), { recursive: true });
    expect((await records())[0]).toMatchObject({ subagents: 0, tokens: { total: 10 } });
  });

  it('uses its record of a side folder only while the folder is unchanged', async () => {
    for (const now of [LATER, Date.now() - 3_600_000]) {
      await records(cacheDir, now);
      addFile(home.path, `projects/-home-dev-app/${A}/custom-title.json`, '{"customTitle":"Named in a file"}');
      expect((await records(cacheDir, now))[0]?.title).toBe('Named in a file');
      rmSync(join(home.path, `projects/-home-dev-app/${A}/custom-title.json`));
      expect((await records(cacheDir, now))[0]?.title).toBe('first');
      const agent = join(home.path, `projects/-home-dev-app/${A}/subagents/agent-a1.jsonl`);
      renameSync(agent, `${agent}.away`);
      expect((await records(cacheDir, now))[0]?.subagents).toBe(0);
      renameSync(`${agent}.away`, agent);
      expect((await records(cacheDir, now))[0]?.subagents).toBe(1);
    }
  });

  it('notices that a file replaced a link of the same name', async () => {
    const target = addFile(
      home.path,
      'elsewhere.jsonl',
      line({ type: 'user', sessionId: A }) + answerLine('msg_5', 'linked'),
    );
    const link = join(home.path, 'projects/-home-dev-app/agent-old.jsonl');
    symlinkSync(target, link);
    expect((await records())[0]?.subagents).toBe(1);
    renameSync(target, link);
    expect((await records())[0]?.subagents).toBe(2);
  });

  it('finds the sessions that share a response without reading others, and includes doubtful ones', async () => {
    addFile(
      home.path,
      `projects/-home-dev-fork/${C}.jsonl`,
      promptLine('fork') + answerLine('msg_0', 'more') + answerLine('msg_2', 'sub'),
    );
    addFile(home.path, `projects/-home-dev-fork/${D}.jsonl`, promptLine('alone') + answerLine('msg_9', 'alone'));
    const sharers = async (): Promise<string[]> => {
      const index = await openSessionIndex({ configDirs: [home], cacheDir, now: () => LATER });
      return index
        .withSharedResponses(index.withId(A))
        .map(({ file }) => file.id)
        .sort();
    };
    expect(await sharers()).toEqual([A, C]);
    expect(await sharers()).toEqual([A, C]);
    for (const name of readdirSync(cacheDir).filter((file) => file.endsWith('.segment'))) {
      const path = join(cacheDir, name);
      writeFileSync(path, Buffer.alloc(statSync(path).size));
    }
    expect(await sharers()).toEqual([A, C, D]);
  });

  it('stores the ids of many responses in a file of its own, and rebuilds it if missing or damaged', async () => {
    const ids = Array.from({ length: 250 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
    ids.forEach((id, at) => addFile(home.path, `projects/-home-dev-many/${id}.jsonl`, answerLine(`msg_${at}`, 'done')));
    const sharers = async (readOnly = false): Promise<string[]> => {
      const index = await openSessionIndex({ configDirs: [home], cacheDir, now: () => LATER, readOnly });
      return index
        .withSharedResponses(index.withId(A))
        .map(({ file }) => file.id)
        .sort();
    };
    const kept = (): string[] => readdirSync(cacheDir).filter((name) => name.endsWith('.ids'));
    const found = [ids[1], ids[2], A];
    await records();
    expect([await sharers(true), kept()]).toEqual([found, []]);
    expect([await sharers(), kept()]).toEqual([found, [expect.any(String)]]);
    const path = join(cacheDir, kept()[0] ?? '');
    const whole = readFileSync(path);
    expect(await sharers()).toEqual(found);
    for (const damage of [
      Buffer.alloc(whole.length),
      whole.subarray(0, 100),
      Buffer.alloc(0),
      Buffer.concat([whole.subarray(0, -1), Buffer.from('!')]),
    ]) {
      writeFileSync(path, damage);
      expect(await sharers()).toEqual(found);
      expect(readFileSync(path)).toEqual(whole);
    }
    // A session that has grown is saved to another segment; the file is still used for the others.
    appendFileSync(join(home.path, TRANSCRIPT), answerLine('msg_7', 'more'));
    expect(await sharers()).toEqual([...found.slice(0, 2), ids[7], A].sort());
    expect(await sharers()).toEqual([...found.slice(0, 2), ids[7], A].sort());
    expect(kept()).toHaveLength(1);
  });

  it('opened around a session reads no other project dir unless files were added or removed there', async () => {
    const other = addFile(home.path, `projects/-home-dev-else/${C}.jsonl`, promptLine('else'));
    await records();
    for (const path of [other, join(home.path, TRANSCRIPT)]) appendFileSync(path, promptLine('second'));
    const prompts = async (around: string, now = LATER): Promise<number[]> => {
      const index = await openSessionIndex({ configDirs: [home], cacheDir, now: () => now, around });
      return [A, C].flatMap((id) => index.withId(id).map((row) => row.prompts));
    };
    expect(await prompts(A.toUpperCase())).toEqual([2, 1]);
    addFile(home.path, `projects/-home-dev-else/${B}.jsonl`, promptLine('new'));
    expect(await prompts(A)).toEqual([2, 2]);
    // A dir is listed as long as it may still change without new times.
    const early = Date.now() - 3_600_000;
    addFile(home.path, `projects/-home-dev-else/${D}.jsonl`, promptLine('new'));
    expect(await prompts(A, early)).toEqual([2, 2]);
    appendFileSync(other, promptLine('third'));
    expect(await prompts(A, early)).toEqual([2, 3]);
  });

  it('forgets sessions that are gone', async () => {
    await records();
    rmSync(join(home.path, TRANSCRIPT));
    expect((await records()).map(({ id }) => id)).toEqual([B]);
  });

  it('is rebuilt silently when anything about its files is wrong', async () => {
    const expected = await records();
    const damages: ((path: string) => void)[] = [
      (path) => truncateSync(path, 10),
      (path) => truncateSync(path, statSync(path).size - 1),
      (path) => writeFileSync(path, 'something else'),
      (path) => writeFileSync(path, ''),
      (path) => rmSync(path),
      (path) => {
        const bytes = readFileSync(path);
        bytes.writeUInt8((bytes[bytes.length - 20] ?? 0) ^ 1, bytes.length - 20);
        writeFileSync(path, bytes);
      },
      // Opening a named pipe would wait forever for a writer.
      (path) => {
        rmSync(path);
        execFileSync('mkfifo', [path]);
      },
    ];
    for (const damage of damages) {
      for (const suffix of ['.columns', '.segment']) {
        for (const name of readdirSync(cacheDir).filter((file) => file.endsWith(suffix))) damage(join(cacheDir, name));
        expect(await records()).toEqual(expected);
      }
    }
  });

  it('reports by name each of its files that is not used, and none that is missing', async () => {
    const rejected = async (): Promise<string[]> => {
      const found: string[] = [];
      const onRejected = (file: string, reason: string): void =>
        void found.push(`${file.split('.').at(-1)}: ${reason}`);
      const index = await openSessionIndex({ configDirs: [home], cacheDir, now: () => LATER, onRejected });
      index.ledgers(index.rows);
      index.records(index.rows, { footprint: false });
      return found;
    };
    const damage = (suffix: string, change: (path: string) => void): void => {
      for (const name of readdirSync(cacheDir)) if (name.endsWith(suffix)) change(join(cacheDir, name));
    };
    expect([await rejected(), await rejected()]).toEqual([[], []]);
    damage('.columns', (path) => writeFileSync(path, 'ccsess-index 1\n\n'));
    expect(await rejected()).toEqual(['columns: version']);
    damage('.columns', (path) => truncateSync(path, statSync(path).size - 1));
    expect(await rejected()).toEqual(['columns: checksum']);
    damage('.segment', (path) => writeFileSync(path, Buffer.alloc(statSync(path).size)));
    expect(new Set(await rejected())).toEqual(new Set(['segment: blob']));
    damage('.segment', (path) => rmSync(path));
    expect(await rejected()).toEqual(['columns: segment']);
    damage('.columns', (path) => rmSync(path));
    expect(await rejected()).toEqual([]);
  });

  it('is private to its user', async () => {
    await records();
    expect(readdirSync(cacheDir).map((name) => statSync(join(cacheDir, name)).mode & 0o777)).toEqual([
      0o600, 0o600, 0o600, 0o600,
    ]);
  });

  it('works without a cache where none can be written', async () => {
    const file = addFile(cacheDir, 'in-the-way', '');
    expect(await records(file)).toEqual(await records(null));
  });

  it('serves many processes at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => records(cacheDir, Date.now())));
    for (const one of all) expect(one).toEqual(all[0]);
    expect(await readsOf(records)).toBe(0);
  });

  it('stays small however often it is added to', async () => {
    for (let i = 0; i < 30; i++) {
      appendFileSync(join(home.path, TRANSCRIPT), promptLine(`prompt ${i}`));
      expect((await records())[0]?.prompts).toBe(i + 2);
    }
    const index = readFileSync(
      join(cacheDir, readdirSync(cacheDir).find((name) => name.endsWith('.columns')) as string),
      'latin1',
    );
    expect(index.match(/\.segment"/g)?.length).toBeLessThanOrEqual(18);
  });

  it('reads only what was appended to a big transcript, and all of one that was rewritten', async () => {
    const path = join(home.path, TRANSCRIPT);
    const big = line({ type: 'file-history-snapshot', pad: 'x'.repeat(4 * 1024 * 1024) });
    writeFileSync(path, promptLine('start') + answerLine('msg_3', 'so') + big.repeat(9) + '{"type":"user","torn');
    const expected = await records();
    expect(expected[0]).toMatchObject({ prompts: 1, problems: [{ code: 'torn-tail' }] });
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('{"type":"user","torn', '') +
        promptLine('more') +
        answerLine('msg_3', 'and so on') +
        answerLine('msg_4', 'on'),
    );
    const spy = vi.spyOn(TranscriptReader.prototype, 'foldTranscript');
    expect((await records())[0]).toMatchObject({ prompts: 2, lastPrompt: 'more', problems: [] });
    expect(spy.mock.calls[0]?.[2]?.from?.lines).toBe(11);
    expect(await records()).toEqual(await records(null));
    writeFileSync(path, promptLine('other') + big.repeat(9) + promptLine('more'));
    spy.mockClear();
    expect((await records())[0]?.firstPrompt).toBe('other');
    expect(spy.mock.calls[0]?.[2]?.from).toBeUndefined();
    spy.mockRestore();
  });
});
