import {
  appendFileSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { footprint, listIdArtifacts } from '../../src/claude/layout.js';
import type { ConfigDir } from '../../src/claude/model.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import type { SessionIndex } from '../../src/session-index/session-index.js';
import { ourFolders } from '../../src/retention/plan/survey/our-folders.js';
import { surveyTarget } from '../../src/retention/plan/survey/survey.js';
import { planPrune } from '../../src/retention/plan/plan.js';
import { candidatesOf, EVERYTHING, targetOf, type PruneCandidate } from '../../src/retention/plan/candidates.js';
import { IDLE } from '../support/context.js';
import { aPolicy } from '../support/policies.js';
import { addFile, answerLine, promptLine, temporaryHome } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';

const ID = '00000000-0000-4000-8000-00000000000a';
const SUBAGENTS = `projects/-p/${ID}/subagents`;
const OTHER = '00000000-0000-4000-8000-00000000000b';
/** Late enough that every folder of the test counts as settled. */
const LATER = Date.now() + 3_600_000;

let home: ConfigDir;
let cacheDir: string;
let results: string;

beforeEach(() => {
  home = temporaryHome({
    [`projects/-p/${ID}.jsonl`]: promptLine('first') + answerLine('msg_1', 'done'),
    [`projects/-p/${ID}/tool-results/a.txt`]: 'one',
    [`projects/-p/${ID}/tool-results/b.txt`]: 'three',
    [`projects/-p/${ID}/subagents/agent-x.jsonl`]: answerLine('msg_2', 'sub'),
    [`file-history/${ID}/0123@v1`]: 'before',
  });
  cacheDir = temporaryFolder('cache');
  results = join(home.path, `projects/-p/${ID}/tool-results`);
});

function open(readOnly = false): Promise<SessionIndex> {
  return openSessionIndex({ configDirs: [home], cacheDir, now: () => LATER, readOnly });
}

const measured = (index: SessionIndex): number[] => index.footprintBytes(index.rows);
const walked = ({ rows }: SessionIndex): number[] => rows.map(({ file }) => footprint(file).bytes);
const sums = (): string[] => readdirSync(cacheDir).filter((name) => name.endsWith('.sums'));

describe('sizes of sessions', () => {
  it('equal those of a full walk, with remembered sums and without', async () => {
    for (let turn = 0; turn < 3; turn++) {
      const index = await open();
      expect(measured(index)).toEqual(walked(index));
    }
    expect(sums()).toHaveLength(1);
  });

  it('follow files added and removed in folders that are written once, and all changes elsewhere', async () => {
    const changes: (() => void)[] = [
      () => writeFileSync(join(results, 'c.txt'), 'more of it'),
      () => rmSync(join(results, 'a.txt')),
      () => addFile(home.path, `file-history/${ID}/0123@v2`, 'after'),
      () => appendFileSync(join(home.path, `projects/-p/${ID}/subagents/agent-x.jsonl`), promptLine('more')),
      () => addFile(home.path, `projects/-p/${ID}/subagents/agent-x.meta.json`, '{"agentType":"x"}'),
      () => addFile(home.path, `projects/-p/${ID}/custom-title.json`, '{"customTitle":"x"}'),
      () => addFile(home.path, `tasks/${ID}/1.json`, '{}'),
    ];
    measured(await open());
    for (const change of changes) {
      change();
      const index = await open();
      expect(measured(index)).toEqual(walked(index));
    }
  });

  it.each<[string, () => void]>([
    ['a folder', () => mkdirSync(join(results, 'more'))],
    ['a link', () => symlinkSync('/etc/hostname', join(results, 'link'))],
    ['a file with a second name', () => linkSync(join(results, 'a.txt'), join(home.path, 'elsewhere'))],
  ])('are not remembered of a folder that holds %s', async (_, change) => {
    change();
    const index = await open();
    expect(measured(index)).toEqual(walked(index));
    const [name = ''] = sums();
    expect(readFileSync(join(cacheDir, name), 'utf8')).not.toContain('tool-results');
  });

  it.each<[string, (subagents: string) => void]>([
    ['a transcript with a second name', (folder) => linkSync(join(folder, 'agent-x.jsonl'), join(home.path, 'other'))],
    ['a transcript that no subagent has', (folder) => writeFileSync(join(folder, 'more.jsonl'), promptLine('more'))],
    ['a link to a transcript', (folder) => symlinkSync('agent-x.jsonl', join(folder, 'agent-y.jsonl'))],
  ])('are not remembered of subagents with %s', async (_, change) => {
    change(join(home.path, `projects/-p/${ID}/subagents`));
    const index = await open();
    expect(measured(index)).toEqual(walked(index));
    expectSameSurveys(index);
    expect(readFileSync(join(cacheDir, sums()[0] ?? ''), 'utf8')).not.toContain('subagents');
  });

  it('follow a folder of subagents that an index around another session did not scan', async () => {
    addFile(home.path, `projects/-q/${OTHER}.jsonl`, promptLine('other'));
    measured(await open());
    addFile(home.path, `projects/-p/${ID}/subagents/agent-x.meta.json`, '{"agentType":"x"}');
    const options = { configDirs: [home], cacheDir, now: () => LATER, around: OTHER };
    const index = await openSessionIndex(options);
    expect(measured(index)).toEqual(walked(index));
  });

  it('follow a file next to those folders that is written again in place', async () => {
    const title = addFile(home.path, `projects/-p/${ID}/custom-title.json`, '{"customTitle":"x"}');
    for (const text of ['{"customTitle":"longer"}', '{}']) {
      measured(await open());
      writeFileSync(title, text);
      const index = await open();
      expect(measured(index)).toEqual(walked(index));
      expectSameSurveys(index);
    }
  });

  it.runIf(process.geteuid?.() === 0)('are not remembered of folders that another user owns', async () => {
    rmSync(join(home.path, 'file-history'), { recursive: true });
    const side = join(home.path, `projects/-p/${ID}`);
    const folders = [side, results, join(side, 'subagents')];
    for (const folder of folders) {
      chownSync(folder, 12_345, 12_345);
      for (let turn = 0; turn < 2; turn++) {
        const index = await open();
        expect(measured(index)).toEqual(walked(index));
        expectSameSurveys(index);
      }
      chownSync(folder, 0, 0);
    }
    for (const folder of folders) chownSync(folder, 12_345, 12_345);
    for (const name of sums()) rmSync(join(cacheDir, name));
    measured(await open());
    expect(sums()).toEqual([]);
  });

  it('are neither remembered nor stored by a read-only index', async () => {
    const before = readdirSync(cacheDir);
    measured(await open(true));
    expect(readdirSync(cacheDir)).toEqual(before);
  });

  it('are stored by a plan, unless it is of a dry run', async () => {
    await open();
    const environment = { configDirs: [home], now: () => LATER, system: IDLE, env: {}, home: '/nowhere', cwd: '/' };
    for (const dryRun of [true, false]) {
      const plan = { environment, trash: { dir: '', heldBytes: 0, expire: [] }, dryRun };
      const { removals } = planPrune(await open(), aPolicy({ largerThanBytes: 1 }), plan);
      expect([removals.length, sums().length]).toEqual([1, dryRun ? 0 : 1]);
    }
  });

  it('are found again in a damaged file of sums', async () => {
    measured(await open());
    writeFileSync(join(cacheDir, sums()[0] ?? ''), 'damaged');
    const index = await open();
    expect(measured(index)).toEqual(walked(index));
  });
});

/** Expects that surveys by remembered sums say what those say that look at every file. */
function expectSameSurveys(index: SessionIndex): void {
  const isOurs = ourFolders([home]);
  const { all } = candidatesOf({ index, policy: EVERYTHING, idArtifacts: listIdArtifacts([home]), isOurs });
  expect(all).toHaveLength(1);
  const planned = candidatesOf({
    index,
    policy: EVERYTHING,
    idArtifacts: listIdArtifacts([home]),
    isOurs,
    sums: index.folderSums(),
  });
  for (const [at, found] of all.entries()) {
    const target = targetOf(found, true);
    const whole = surveyTarget(target, isOurs);
    for (const summed of [surveyTarget(target, isOurs, index.folderSums()), planned.all[at]?.survey()])
      for (const name of ['files', 'bytes', 'touchedMs', 'writtenMs', 'asIndexed', 'oddities', 'fingerprint'] as const)
        expect([name, summed?.[name]]).toEqual([name, whole?.[name]]);
  }
}

describe('a survey with remembered sums', () => {
  it('has the sizes and the fingerprint of a survey that examines every file', async () => {
    expectSameSurveys(await open());
    appendFileSync(join(home.path, `projects/-p/${ID}/subagents/agent-x.jsonl`), promptLine('later'));
    addFile(home.path, `projects/-p/${ID}/workflows/run.json`, '{}');
    expectSameSurveys(await open());
  });

  it.each<[string, () => void]>([
    ['nothing more', () => {}],
    ['a subagent that another one began', () => addFile(home.path, `${SUBAGENTS}/more/agent-z.jsonl`, promptLine('z'))],
    [
      'a legacy agent file',
      () => addFile(home.path, 'projects/-p/agent-old.jsonl', promptLine('o', { sessionId: ID })),
    ],
    ['tool results that changed', () => writeFileSync(join(results, 'c.txt'), 'another')],
  ])('says so for a session with side folder and %s', async (_, change) => {
    rmSync(join(home.path, 'file-history'), { recursive: true });
    measured(await open());
    change();
    for (let turn = 0; turn < 3; turn++) {
      const index = await open();
      expectSameSurveys(index);
      expect(measured(index)).toEqual(walked(index));
    }
  });

  it('reports that a session with a side folder is reached through a link', async () => {
    rmSync(join(home.path, 'file-history'), { recursive: true });
    const elsewhere = temporaryFolder('elsewhere');
    renameSync(join(home.path, 'projects/-p'), join(elsewhere, 'p'));
    symlinkSync(join(elsewhere, 'p'), join(home.path, 'projects/-p'));
    for (let turn = 0; turn < 2; turn++) {
      const index = await open();
      measured(index);
      expectSameSurveys(index);
    }
  });

  it('uses the transcripts and names that the scan has just read', async () => {
    measured(await open());
    const index = await open();
    const isOurs = ourFolders([home]);
    const { all } = candidatesOf({ index, policy: EVERYTHING, idArtifacts: listIdArtifacts([home]), isOurs });
    const target = targetOf(all[0] as PruneCandidate, true);
    const before = surveyTarget(target, isOurs, index.folderSums());
    appendFileSync(join(home.path, `projects/-p/${ID}.jsonl`), promptLine('more'));
    addFile(home.path, `projects/-p/${ID}/custom-title.json`, '{}');
    expect(surveyTarget(target, isOurs, index.folderSums())?.bytes).toBe(before?.bytes);
    // Sums are not used for sessions that are moved, nor for fingerprints.
    expect(surveyTarget(target, isOurs)?.asIndexed).toBe(false);
    expect(before?.fingerprint).toBe(surveyTarget(target, isOurs)?.fingerprint);
  });

  it('uses a remembered sum, unlike a later survey that examines every file', async () => {
    const index = await open();
    const isOurs = ourFolders([home]);
    const { all } = candidatesOf({ index, policy: EVERYTHING, idArtifacts: listIdArtifacts([home]), isOurs });
    const target = targetOf(all[0] as PruneCandidate, true);
    const before = surveyTarget(target, isOurs, index.folderSums())?.bytes ?? NaN;
    // A file that is changed in place, which Claude Code does not do.
    appendFileSync(join(results, 'a.txt'), 'four');
    expect(surveyTarget(target, isOurs, index.folderSums())?.bytes).toBe(before);
    expect(surveyTarget(target, isOurs)?.bytes).toBe(before + 4);
  });
});
