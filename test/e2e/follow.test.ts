import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bin, requireBuild } from '../support/built.js';
import { temporaryFolder } from '../support/temporary.js';
import { answerLine, line, promptLine } from '../support/transcripts.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';

beforeAll(requireBuild);

/** Links entries into a conversation: each one follows the one added before. */
class Chain {
  #last: string | null = null;

  add(...entries: string[]): string {
    return entries
      .map((text) => {
        const entry = { ...(JSON.parse(text) as { uuid: string }), parentUuid: this.#last };
        this.#last = entry.uuid;
        return line(entry);
      })
      .join('');
  }
}

interface Following {
  child: ChildProcess;
  path: string;
  output: { stdout: string; stderr: string };
  /** Resolves once stdout holds the text. */
  printed(text: string): Promise<void>;
  said(text: string): Promise<void>;
}

function follow(content: string, args: string[]): Following {
  const home = temporaryFolder('home');
  const path = join(home, '.claude/projects/-home-dev-app', `${ID}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TZ: 'UTC' };
  const child = spawn(process.execPath, [bin, 'show', ID, '--follow', ...args], {
    cwd: home,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (output.stderr += text));
  const until = async (part: 'stdout' | 'stderr', text: string): Promise<void> => {
    while (!output[part].includes(text)) {
      if (child.exitCode !== null) throw new Error(`ended: ${output.stdout}${output.stderr}`);
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
  };
  return { child, path, output, printed: (text) => until('stdout', text), said: (text) => until('stderr', text) };
}

describe('show --follow in a pipe', () => {
  test('prints each message as it is written, calls with their results, and is ended by Ctrl-C', async () => {
    const chain = new Chain();
    const { child, path, output, printed } = follow(chain.add(promptLine('one'), answerLine('m', 'first')), []);
    await printed('    first\n');
    const call = { type: 'tool_use', id: 't', name: 'Bash', input: { command: 'ls' } };
    const message = { id: 'n', role: 'assistant', model: 'claude-a', content: [call] };
    appendFileSync(path, chain.add(promptLine('two'), answerLine('n', '', { message })));
    await printed(' 2  you');
    const result = { type: 'tool_result', tool_use_id: 't', content: 'a\nb' };
    appendFileSync(path, chain.add(promptLine('', { message: { role: 'user', content: [result] } })));
    await printed('    ▸ Bash ls · exit 0 · 2 lines\n');
    const torn = chain.add(answerLine('o', 'second'));
    appendFileSync(path, torn.slice(0, 40));
    appendFileSync(path, torn.slice(40));
    await printed('    second\n');
    expect(output.stdout.match(/first/g)).toHaveLength(1);
    expect(output.stdout.match(/▸ Bash/g)).toHaveLength(1);
    const ended = new Promise((resolve) => void child.once('exit', (code, signal) => resolve([code, signal])));
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
    expect(output.stderr).toBe('');
  });

  test('continues when the transcript is moved, removed, restored and truncated', async () => {
    const chain = new Chain();
    const { path, output, printed, said } = follow(chain.add(promptLine('one'), answerLine('m', 'first')), [
      '--jsonl',
      '--tail',
      '1',
    ]);
    await printed('"text":"first"');
    expect(output.stdout).not.toContain('"text":"one"');
    const elsewhere = join(dirname(dirname(path)), '-home-dev-other', `${ID}.jsonl`);
    mkdirSync(dirname(elsewhere));
    renameSync(path, elsewhere);
    appendFileSync(elsewhere, chain.add(promptLine('two')));
    await printed('"text":"two"');
    const copy = chain.add(promptLine('three'));
    rmSync(elsewhere);
    await said('ccsess: the transcript was removed: waiting for it to reappear (Ctrl-C ends).\n');
    writeFileSync(elsewhere, new Chain().add(promptLine('other')) + copy);
    await printed('"text":"three"');
    truncateSync(elsewhere, 0);
    appendFileSync(elsewhere, new Chain().add(promptLine('four')));
    await printed('"text":"four"');
    const texts = output.stdout
      .trimEnd()
      .split('\n')
      .map((text) => (JSON.parse(text) as { text: string }).text);
    expect(texts.filter((text) => text === 'first')).toHaveLength(1);
  });
});
