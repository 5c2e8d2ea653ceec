import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CcsessError } from '../../../src/system/errors.js';
import { claudeName, findClaude, launchEnv } from '../../../src/claude/launch.js';
import { temporaryFolder } from '../../support/temporary.js';

const home = temporaryFolder('launch');

function program(path: string, mode: number): string {
  const whole = join(home, path);
  mkdirSync(join(whole, '..'), { recursive: true });
  writeFileSync(whole, '');
  chmodSync(whole, mode);
  return whole;
}

const exitCodeOf = (find: () => string): number => {
  try {
    find();
  } catch (error) {
    if (error instanceof CcsessError) return error.exitCode;
  }
  return 0;
};

describe('claude is found', () => {
  const first = program('first/claude', 0o644);
  const second = program('second/claude', 0o755);
  const beta = program('second/claude-beta', 0o755);
  mkdirSync(join(home, 'third/claude'), { recursive: true });

  test('by flag, then by variable, then on PATH, skipping folders and files that cannot be executed', () => {
    const env = { PATH: `${home}/third:${home}/first:${home}/second`, CCSESS_CLAUDE_BIN: 'claude-beta' };
    expect(findClaude(undefined, { env: { PATH: env.PATH }, cwd: '/' })).toBe(second);
    expect(findClaude(undefined, { env, cwd: '/' })).toBe(beta);
    expect(findClaude('claude', { env, cwd: '/' })).toBe(second);
    expect(findClaude('./second/claude', { env, cwd: home })).toBe(second);
    expect(findClaude('', { env: { PATH: 'second', CCSESS_CLAUDE_BIN: '' }, cwd: home })).toBe(second);
  });

  test('or not (127), or cannot be executed (126)', () => {
    expect(exitCodeOf(() => findClaude(undefined, { env: {}, cwd: '/' }))).toBe(127);
    expect(exitCodeOf(() => findClaude(`${first}/claude`, { env: {}, cwd: '/' }))).toBe(127);
    expect(exitCodeOf(() => findClaude(undefined, { env: { PATH: `${home}/first` }, cwd: '/' }))).toBe(126);
    expect(exitCodeOf(() => findClaude(undefined, { env: { PATH: `${home}/third` }, cwd: '/' }))).toBe(126);
    expect(exitCodeOf(() => findClaude(first, { env: {}, cwd: '/' }))).toBe(126);
  });

  test('by a name that stays one, or a path that becomes absolute', () => {
    expect(claudeName('claude-beta', { env: {}, cwd: home })).toBe('claude-beta');
    expect(claudeName(undefined, { env: { CCSESS_CLAUDE_BIN: '../x/claude' }, cwd: '/a/b' })).toBe('/a/x/claude');
  });
});

test('a child has our environment, but its own config dir or none', () => {
  const launch = { program: '/claude', args: [], cwd: '/' };
  const env = { PATH: '/bin', CLAUDE_CONFIG_DIR: '/ours' };
  expect(launchEnv({ ...launch, configDir: '/its' }, env)).toEqual({ PATH: '/bin', CLAUDE_CONFIG_DIR: '/its' });
  expect(launchEnv({ ...launch, configDir: null }, env)).toEqual({ PATH: '/bin' });
});
