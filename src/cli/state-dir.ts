import { isAbsolute, join } from 'node:path';

/**
 * Returns the folder that records when notes were shown: `$XDG_STATE_HOME/ccsess`, else `~/.local/state/ccsess`. A
 * relative variable counts as unset (XDG Base Directory).
 */
export function stateFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const xdg = env['XDG_STATE_HOME'] ?? '';
  return join(isAbsolute(xdg) ? xdg : join(home, '.local/state'), 'ccsess');
}
