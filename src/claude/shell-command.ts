import type { ClaudeLaunch } from './launch.js';
import { quoted } from '../grammar/quoted.js';

/** Returns a start of Claude Code as one shell command; `env` is the environment of that shell. */
export function shellCommand(
  { program, args, cwd, configDir }: ClaudeLaunch,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const unset = env['CLAUDE_CONFIG_DIR'] === undefined ? [] : ['env', '-u', 'CLAUDE_CONFIG_DIR'];
  const setting = configDir === null ? unset : [`CLAUDE_CONFIG_DIR=${quoted(configDir)}`];
  return [`cd ${quoted(cwd)} &&`, ...setting, quoted(program), ...args.map(quoted)].join(' ');
}
