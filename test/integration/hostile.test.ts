import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSessionIndex } from '../../src/session-index/open.js';
import { amendSession } from '../../src/sessions/amend/amend.js';
import { forkSession } from '../../src/sessions/fork/fork.js';
import { toJson } from '../../src/cli/render/text/json.js';
import { addFile, answerLine, line, promptLine, temporaryHome } from '../support/transcripts.js';
import { IDLE } from '../support/context.js';
import { withoutPrivileges } from '../support/other-user.js';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';

async function open(home: ReturnType<typeof temporaryHome>) {
  const index = await openSessionIndex({ configDirs: [home], cacheDir: null, now: () => Date.now() });
  return { index, records: index.records(index.rows, { footprint: true }) };
}

describe('hostile input', () => {
  it('half a surrogate pair becomes U+FFFD in JSON, an escaped backslash before one stays', () => {
    expect(toJson({ a: 'half \ud83d!', b: '\\ud83d', c: '\udc00', d: '😀' }, false)).toBe(
      '{"a":"half \ufffd!","b":"\\\\ud83d","c":"\ufffd","d":"😀"}',
    );
  });

  it('millions of empty lines are ignored', async () => {
    const home = temporaryHome({
      [`projects/p/${A}.jsonl`]: Buffer.concat([Buffer.alloc(5_000_000, '\n'), Buffer.from(promptLine('here'))]),
    });
    const { records } = await open(home);
    expect(records[0]).toMatchObject({ prompts: 1, problems: [] });
  });

  it('a line is reported by its number and byte offset, whatever precedes it', async () => {
    const home = temporaryHome({ [`projects/p/${A}.jsonl`]: `\n\n${promptLine('one')}{bad}\n` });
    const { records } = await open(home);
    expect(records[0]?.problems).toMatchObject([
      { code: 'damaged-line', line: 4, byteOffset: 2 + promptLine('one').length },
    ]);
  });

  it('a transcript that cannot be read is also a problem of the index, so that list reports it', async () => {
    const home = temporaryHome({
      [`projects/p/${A}.jsonl`]: promptLine('secret'),
      [`projects/p/${B}.jsonl`]: promptLine('open'),
    });
    chmodSync(join(home.path, `projects/p/${A}.jsonl`), 0);
    const { index } = await withoutPrivileges(home.path, () => open(home));
    expect(index.problems).toMatchObject([{ code: 'unreadable', file: join(home.path, `projects/p/${A}.jsonl`) }]);
  });

  it('a transcript that cannot be read is named as the reason why it is not changed and not forked', async () => {
    const home = temporaryHome({ [`projects/p/${A}.jsonl`]: promptLine('secret') });
    const path = join(home.path, `projects/p/${A}.jsonl`);
    chmodSync(path, 0);
    const environment = { configDirs: [home], now: () => Date.now(), system: IDLE, env: {}, home: '/none', cwd: '/' };
    await withoutPrivileges(home.path, async () => {
      const { index } = await open(home);
      const [row] = index.rows;
      if (row === undefined) throw new Error('there is a session');
      await expect(amendSession(row, [{ type: 'tag', tag: 'x' }], { touch: false }, environment)).rejects.toMatchObject(
        {
          code: 'IO',
          message: `session ${A} was not changed: ${path} cannot be read.`,
        },
      );
      const message = `no fork was made: ${path} cannot be read (EACCES).`;
      expect(() => forkSession(index, row, {}, environment)).toThrow(message);
    });
  });

  it('object keys with a special meaning in JavaScript are ordinary keys', async () => {
    const home = temporaryHome({
      [`projects/p/${A}.jsonl`]: `{"__proto__":{"type":"user"},"constructor":1}\n${promptLine('real')}`,
    });
    const { records } = await open(home);
    expect(records[0]).toMatchObject({ prompts: 1, problems: [] });
  });

  it('deep nesting, cycles and links to nowhere do no harm', async () => {
    const home = temporaryHome({
      [`projects/p/${A}.jsonl`]:
        line({ type: 'user', x: JSON.parse('['.repeat(900) + ']'.repeat(900)) as unknown }) +
        `{"a":${'['.repeat(100_000)}\n` +
        answerLine('msg_1', 'ok'),
    });
    symlinkSync(`${B}.jsonl`, join(home.path, `projects/p/${B}.jsonl`));
    addFile(home.path, 'projects/p/notes.txt', '');
    writeFileSync(join(home.path, 'projects/stray.jsonl'), 'x');
    const { records, index } = await open(home);
    expect(records).toMatchObject([{ id: A, messageCount: 1 }]);
    expect(index.problems).toMatchObject([{ code: 'unreadable' }]);
  });
});
