import { symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Context } from '../../../src/cli/context.js';
import { parseGlobals } from '../../../src/cli/globals.js';
import { makeContext } from '../../../src/cli/make-context.js';
import { Recorder } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';

function contextOf(argv: readonly string[], env: Record<string, string> = {}, isTerminal = false): Context {
  const streams = { stdout: new Recorder(isTerminal), stderr: new Recorder(isTerminal), width: 100, height: 24 };
  return makeContext(parseGlobals(argv), streams, env, () => {});
}

describe('the context of a run', () => {
  test('reads the config dirs that are named, else the usual one', () => {
    const one = temporaryFolder('config');
    const two = temporaryFolder('config');
    const paths = (argv: readonly string[], env: Record<string, string> = {}): string[] =>
      contextOf(argv, env).configDirs.map(({ path }) => path);
    expect(paths(['--config-dir', one, '--config-dir', two])).toEqual([one, two]);
    expect(paths([], { CLAUDE_CONFIG_DIR: two })).toEqual([two]);
    expect(paths([], { CLAUDE_CONFIG_DIR: '' })).toEqual([join(homedir(), '.claude')]);
  });

  test('refuses a --config-dir that does not exist or is not a folder, but accepts such a variable', () => {
    expect(() => contextOf(['--config-dir', import.meta.filename])).toThrow(
      expect.objectContaining({ code: 'USAGE', message: `--config-dir ${import.meta.filename}: not a folder.` }),
    );
    expect(() => contextOf(['--config-dir', '/no/such/dir'])).toThrow(
      expect.objectContaining({ code: 'USAGE', message: '--config-dir /no/such/dir: no such folder.' }),
    );
    const link = join(temporaryFolder('context'), 'link');
    symlinkSync(import.meta.dirname, link);
    expect(contextOf(['--config-dir', link]).configDirs).toMatchObject([{ path: link }]);
    expect(contextOf([], { CLAUDE_CONFIG_DIR: '/no/such/dir' }).configDirs).toMatchObject([
      { path: '/no/such/dir', explicit: true },
    ]);
  });

  test.each([
    [{ XDG_CACHE_HOME: '/var/cache' }, '/var/cache/ccsess'],
    [{ XDG_CACHE_HOME: 'relative' }, join(homedir(), '.cache/ccsess')],
    [{}, join(homedir(), '.cache/ccsess')],
  ])('with %j keeps its index in %s', (env: Record<string, string>, folder) => {
    expect(contextOf([], env).cacheDir).toBe(folder);
  });

  test('takes the colour level from TERM and --color', () => {
    expect(contextOf([], { TERM: 'xterm-256color' }, true).color.level).toBe(2);
    expect(contextOf(['--color', 'never'], {}, true).color.level).toBe(0);
    expect(contextOf(['--color=always']).color.level).toBe(1);
  });

  test('writes pages without a pager if there is no terminal', async () => {
    const context = contextOf([], { PAGER: 'false' });
    await context.page(
      (async function* () {
        yield 'one\n';
        yield 'two\n';
      })(),
    );
    expect((context.stdout as Recorder).text).toBe('one\ntwo\n');
  });
});
