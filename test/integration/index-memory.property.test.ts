import {
  appendFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainTranscript } from '../../src/claude/scan/known-folder.js';
import type { ConfigDir } from '../../src/claude/model.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import { addFile, answerLine, line, promptLine, temporaryHome } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';
import { rounds } from '../support/rounds.js';

/** Late enough that every folder counts as settled, so that all of it is remembered. */
const LATER = Date.now() + 3_600_000;
/** Longer than the resolution of a file system's times. */
const STEP_MS = 12;

const session = fc.integer({ min: 1, max: 3 }).map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const dir = fc.constantFrom('-home-me-a', '-home-me-b');
const agent = fc.constantFrom('x', 'y');
/** Paths of a session's files in a project dir. */
const place = fc.oneof(
  session.map((id) => `${id}.jsonl`),
  fc.tuple(session, agent).map(([id, name]) => `${id}/subagents/agent-${name}.jsonl`),
  fc.tuple(session, agent).map(([id, name]) => `${id}/subagents/workflows/wf_1/agent-${name}.jsonl`),
  agent.map((name) => `agent-${name}.jsonl`),
  session.map((id) => `${id}/custom-title.json`),
);

/** One thing that happens to a file. */
const change = fc.record({
  what: fc.constantFrom('append', 'append', 'replace', 'remove', 'rename', 'link'),
  path: fc.tuple(dir, place).map((parts) => `projects/${parts.join('/')}`),
  session,
});

function happen(
  root: string,
  { what, path, session: id }: { what: string; path: string; session: string },
  n: number,
): void {
  const file = join(root, path);
  const text = path.endsWith('.json')
    ? JSON.stringify({ customTitle: `Title ${n}` })
    : promptLine(`prompt ${n}`) + answerLine(`msg_${n}`, 'done');
  if (!existsSync(file))
    addFile(root, path, path.includes('/agent-') ? line({ type: 'user', sessionId: id }) + text : text);
  else if (what === 'append' && !path.endsWith('.json')) appendFileSync(file, text);
  else if (what === 'remove') rmSync(file);
  else if (what === 'rename') renameSync(file, `${file}.away`);
  // A link of a link would lead to itself.
  else if (what === 'link' && !lstatSync(file).isSymbolicLink()) {
    renameSync(file, `${file}.away`);
    symlinkSync(`${file}.away`, file);
  } else writeFileSync(file, text + (path.endsWith('.json') ? '' : readFileSync(file, 'utf8')));
}

/** Records of a session, and the paths of all transcripts known, from an index opened around that session. */
async function toldAround(id: string, home: ConfigDir, cacheDir: string | null): Promise<unknown> {
  const index = await openSessionIndex({ configDirs: [home], cacheDir, now: () => LATER, around: id });
  return {
    records: index.records(index.withId(id), { footprint: true }),
    known: index.rows.map(({ file }) => file.path).sort(),
  };
}

/** Files, records, problems, cwds and ids that begin alike of the whole index. */
async function told(home: ConfigDir, cacheDir: string | null): Promise<unknown> {
  const index = await openSessionIndex({ configDirs: [home], cacheDir, now: () => LATER });
  const rows = [...index.rows].sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  return {
    files: rows.map(({ file }) => plainTranscript(file)),
    records: index.records(rows, { footprint: true }),
    problems: index.problems,
    cwds: index.cwds().sort(),
    alike: rows.map(({ file: { id } }) =>
      index
        .withIdPrefix(id.slice(0, 6))
        .map(({ file }) => file.path)
        .sort(),
    ),
  };
}

it('whatever happens to the files, an index with a cache equals one without', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 8 }),
      async (steps) => {
        const home = temporaryHome({});
        const cacheDir = temporaryFolder('cache');
        let n = 0;
        for (const changes of steps) {
          for (const one of changes) happen(home.path, one, n++);
          await setTimeout(STEP_MS);
          const fresh = await told(home, null);
          expect(await told(home, cacheDir)).toEqual(fresh);
          expect(await told(home, cacheDir)).toEqual(fresh);
        }
        for (const folder of [home.path, cacheDir]) rmSync(folder, { recursive: true });
      },
    ),
    { numRuns: rounds(25) },
  );
});

it('an index around one session equals a fresh one, notices other changes, and stores only what it read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(change, { minLength: 1, maxLength: 3 }), session), { minLength: 2, maxLength: 8 }),
      async (steps) => {
        const home = temporaryHome({});
        const cacheDir = temporaryFolder('cache');
        let n = 0;
        for (const [changes, id] of steps) {
          for (const one of changes) happen(home.path, one, n++);
          await setTimeout(STEP_MS);
          const fresh = await toldAround(id, home, null);
          expect(await toldAround(id, home, cacheDir)).toEqual(fresh);
          expect(await toldAround(id, home, cacheDir)).toEqual(fresh);
          if (n % 2 === 0) expect(await told(home, cacheDir)).toEqual(await told(home, null));
        }
        for (const folder of [home.path, cacheDir]) rmSync(folder, { recursive: true });
      },
    ),
    { numRuns: rounds(25) },
  );
});
