import { cutRow, rowOf, spanOf } from '../../../tui/frame/row.js';
import type { Row } from '../../../tui/frame/style.js';
import { keyLabel, type Action } from '../keys/key-map.js';
import type { PickerState } from '../state.js';
import { THEME } from './theme.js';

/** Returns the rows of a list without sessions: the reason, and the keys that may find some. */
export function emptyRows(state: PickerState, width: number): Row[] {
  const { words, scope, isReading, isSearching, isAll, branch, keyMap } = state;
  if (isReading) return [[], rowOf('   Reading sessions …', THEME.dim)];
  if (isSearching) return [[], rowOf('   Searching …', THEME.dim)];
  const hints: [Action, string][] = [
    ...(scope === 'everywhere' ? [] : [['scope', 'look in all folders'] as [Action, string]]),
    ...(branch === null ? [] : [['branch', 'look on all branches'] as [Action, string]]),
    ...(isAll ? [] : [['all', 'show headless, archived too'] as [Action, string]]),
    ...(words.length === 0 ? [] : [['leave', 'clear the filter'] as [Action, string]]),
  ];
  const lines = hints.flatMap(([action, effect]) => {
    const [key] = keyMap.keysOf(action);
    return key === undefined ? [] : [{ key: keyLabel(key), effect }];
  });
  const keyWidth = Math.max(0, ...lines.map(({ key }) => key.length));
  return [
    [],
    rowOf(`   ${words.length > 0 ? 'No sessions match.' : 'No sessions here.'}`, THEME.bold),
    ...lines.map(({ key, effect }) =>
      cutRow([spanOf(`   ${key.padEnd(keyWidth)}  `, THEME.key), spanOf(effect, THEME.dim)], width),
    ),
  ];
}
