import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { run, type World } from '../support/context.js';
import { emptyConfigDir, writeSession } from '../support/trees.js';
import { validator } from '../unit/schema/schemas.js';
import { temporaryFolder } from '../support/temporary.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const NEW_ID = 'cccccccc-0000-4000-8000-000000000003';

/** A home of two sessions, and a folder to work in. */
function world(): World {
  const configDir = emptyConfigDir();
  for (const id of [ID, 'bbbbbbbb-0000-4000-8000-000000000002']) writeSession(configDir, id);
  const folder = temporaryFolder('schemas');
  onTestFinished(() => {
    for (const path of [configDir, folder]) rmSync(path, { recursive: true });
  });
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  return { configDirs, cwd: folder, cacheDir: join(folder, 'cache') };
}

/** The JSON a command prints; it must succeed. */
async function printed(args: readonly string[], at: World): Promise<unknown> {
  const { stdout, stderr, exitCode } = await run([...args, '--json'], at);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return JSON.parse(stdout);
}

describe('the JSON of', () => {
  test.each([
    ['files', ['show', ID, '--files']],
    ['show', ['show', ID]],
    ['context', ['show', ID, '--context']],
    ['reopen', ['reopen']],
    ['session', ['path', ID]],
    ['projects', ['projects']],
    ['forecast', ['forecast']],
    ['prices', ['stats', '--prices']],
    ['planned-session', ['create', '-n']],
    ['planned-session', ['create', '-n', '--id', NEW_ID, '--title', 'T', '--tag', 'x']],
    ['planned-session', ['create', '-n', '--sandbox']],
    ['planned-fork', ['fork', ID, '-n']],
    ['planned-fork', ['fork', ID, '-n', '--id', NEW_ID, '--title', 'T']],
    ['session', ['fork', ID]],
    ['index-status', ['index']],
    ['index-cleared', ['index', 'clear']],
    ['plan', ['rm', ID, '-n']],
    ['recovered', ['recover']],
  ])('%s: %j names every member in the schema', async (schema, args) => {
    expect(validator(schema)(await printed(args, world()))).toBe('');
  });

  test('the index, once it exists, and the trash, once it holds a session', async () => {
    const at = world();
    expect(await printed(['list'], at)).toHaveLength(2);
    expect(validator('plan')(await printed(['rm', ID, '--yes'], at))).toBe('');
    expect(validator('index-status')(await printed(['index', 'status'], at))).toBe('');
    const trashed = await printed(['trash'], at);
    expect(trashed).toHaveLength(1);
    expect(validator('trash')(trashed)).toBe('');
    expect(validator('trashed')(await printed(['trash', 'show', ID], at))).toBe('');
    expect(validator('trash')(await printed(['restore', ID, '-n'], at))).toBe('');
    expect(validator('emptied')(await printed(['trash', 'empty', '-n'], at))).toBe('');
  });
});
