import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { Environment } from '../../../src/claude/environment.js';
import type { ConfigDir } from '../../../src/claude/model.js';
import { projectKey } from '../../../src/claude/project-key.js';
import { ReplacedTranscripts } from '../../../src/retention/replaced.js';
import { withMoveLock } from '../../../src/sessions/move/lock.js';
import { fileKey } from '../../../src/system/process/written-files.js';
import { safeName } from '../../../src/system/safe-path.js';
import { IDLE } from '../../support/context.js';
import { movingHome, sessionId, type MovingHome } from '../../support/moving.js';
import { addFile } from '../../support/transcripts.js';

const configDirOf = ({ home }: MovingHome): ConfigDir =>
  resolveConfigDirs({ explicit: [], env: {}, home, cwd: home })[0] as ConfigDir;
const environmentOf = (at: MovingHome, system = IDLE): Environment => ({
  configDirs: [configDirOf(at)],
  now: () => 0,
  system,
  env: {},
  home: at.home,
  cwd: at.home,
});

describe('the lock of a move', () => {
  const lockOf = (at: MovingHome): string => join(at.home, '.claude/.ccsess/lock');

  test('is released when the work fails', async () => {
    const at = movingHome();
    await expect(
      withMoveLock(configDirOf(at), environmentOf(at), () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(existsSync(lockOf(at))).toBe(false);
  });

  test('of a prune that was killed stays for the next one to find', async () => {
    const at = movingHome();
    addFile(
      '/',
      lockOf(at),
      '{"pid":1,"startTime":"9","pidDomain":null,"at":"2026-11-23T06:00:00.000Z","trashDirs":["/trash"],' +
        '"ended":false}\n',
    );
    await withMoveLock(configDirOf(at), environmentOf(at), () => {});
    expect(JSON.parse(readFileSync(lockOf(at), 'utf8'))).toMatchObject({ trashDirs: ['/trash'], ended: true });
  });

  test('lets the work begin while a program writes to a transcript that was replaced earlier', async () => {
    const at = movingHome();
    const path = at.session(1, 'old');
    const original = statSync(path);
    const { size } = original;
    copyFileSync(path, `${path}.copy`);
    new ReplacedTranscripts(configDirOf(at), environmentOf(at)).replace(`${path}.copy`, original, {
      path: [projectKey(at.folder('old')), `${sessionId(1)}.jsonl`].map(safeName),
      copied: { lines: 2, bytes: size, size },
      results: new Map(),
    });
    const written = new Set([fileKey(original)]);
    let looks = 0;
    const system = { ...IDLE, transcriptsBeingWritten: () => (looks++, written) };
    const looksBefore = await withMoveLock(configDirOf(at), environmentOf(at, system), () => {
      written.clear();
      return looks;
    });
    expect(looksBefore).toBe(1);
  });
});
