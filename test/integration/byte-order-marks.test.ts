import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { parseKeyMap } from '../../src/cli/picker/keys/config.js';
import type { PromptRecord } from '../../src/sessions/prompts/prompt-record.js';
import type { SessionRecord } from '../../src/session-index/record.js';
import { run, type Outcome } from '../support/context.js';
import { addFile, answerLine, promptLine } from '../support/transcripts.js';
import { emptyConfigDir, PROJECT } from '../support/trees.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const MARK = '\uFEFF';
/** Files that were written just now would be kept from a prune. */
const NOW = Date.now() + 2 * 24 * 60 * 60 * 1000;

/** A config dir with one old session. */
function home(): string {
  const configDir = emptyConfigDir();
  const text = promptLine('hello', { sessionId: ID }) + answerLine('m1', 'ok', { sessionId: ID });
  addFile(configDir, `projects/${PROJECT}/${ID}.jsonl`, text.replaceAll('claude-sonnet-4-5', 'local-1'));
  return configDir;
}

function at(configDir: string, ...argv: string[]): Promise<Outcome> {
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  return run(argv, { configDirs, home: '/nowhere', cwd: configDir, now: NOW });
}

async function recordOf(configDir: string): Promise<SessionRecord> {
  const [record] = JSON.parse((await at(configDir, 'list', '--json')).stdout) as SessionRecord[];
  return record!;
}

describe('a byte order mark, as editors and PowerShell write it, does not count', () => {
  test('in a price file, even in UTF-16', async () => {
    const configDir = home();
    const [model = ''] = (await recordOf(configDir)).models;
    const prices = JSON.stringify({ models: { [model]: { input: 7, output: 7 } } });
    for (const bytes of [Buffer.from(MARK + prices), Buffer.from(MARK + prices, 'utf16le')]) {
      writeFileSync(join(configDir, 'prices.json'), bytes);
      const { stdout, stderr, exitCode } = await at(
        configDir,
        'stats',
        '--prices',
        join(configDir, 'prices.json'),
        '--json',
      );
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      expect(JSON.parse(stdout)).toMatchObject({ totals: { unpricedTokens: 0 } });
    }
  });

  test('in a plan that is applied, even in UTF-16 and on standard input', async () => {
    for (const bytes of [
      (text: string) => Buffer.from(MARK + text),
      (text: string) => Buffer.from(MARK + text, 'utf16le'),
    ]) {
      const configDir = home();
      const { stdout: plan } = await at(configDir, 'prune', '--older-than', '1d', '-n', '--json');
      writeFileSync(join(configDir, 'plan.json'), bytes(plan));
      const applied = await at(configDir, 'prune', '--apply', 'plan.json', '--yes', '--json');
      expect({ stderr: applied.stderr, exitCode: applied.exitCode }).toEqual({ stderr: '', exitCode: 0 });
      expect(JSON.parse(applied.stdout)).toMatchObject({ totals: { removed: 1 } });
    }
    const configDir = home();
    const { stdout: plan } = await at(configDir, 'prune', '--older-than', '1d', '-n', '--json');
    const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
    const world = { configDirs, home: '/nowhere', cwd: '/', now: NOW, stdin: MARK + plan };
    expect((await run(['prune', '--apply', '-', '--yes', '-q'], world)).exitCode).toBe(0);
  });

  test('in the files next to a transcript', async () => {
    const configDir = home();
    addFile(configDir, `projects/${PROJECT}/${ID}/custom-title.json`, `${MARK}{"customTitle":"Given"}`);
    addFile(
      configDir,
      `projects/${PROJECT}/${ID}/archived.json`,
      `${MARK}{"archived":true,"at":"2026-11-23T00:00:00Z"}`,
    );
    expect(await recordOf(configDir)).toMatchObject({ title: 'Given', archived: true });
  });

  test('in the history of prompts', async () => {
    const configDir = home();
    const entry = { display: 'typed', pastedContents: {}, timestamp: NOW - 1000, project: '/home/dev/app' };
    addFile(configDir, 'history.jsonl', `${MARK}${JSON.stringify(entry)}\r\n`);
    const { stdout } = await at(configDir, 'prompts', '--json');
    expect((JSON.parse(stdout) as PromptRecord[]).map(({ text }) => text)).toEqual(['typed', 'hello']);
  });

  test('in the configuration of the picker', () => {
    expect(parseKeyMap(`${MARK}{}`, '/config.json').commands).toEqual([]);
  });
});
