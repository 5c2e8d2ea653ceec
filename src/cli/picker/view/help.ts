import { rowOf, spanOf } from '../../../tui/frame/row.js';
import type { Row } from '../../../tui/frame/style.js';
import { wrapLine } from '../../render/text/wrap.js';
import { BINDINGS, keyLabel } from '../keys/key-map.js';
import type { PickerState } from '../state.js';
import { THEME } from './theme.js';

const INDENT = '  ';
/** Maximum share of the width for the keys. */
const KEY_SHARE = 1 / 3;

/** The page of the help: every key whose line contains the words of the filter, as far as it is scrolled. */
export function helpPage(state: PickerState, { width, height }: { width: number; height: number }): readonly Row[] {
  const rows = helpRows(state, width);
  const top = state.mode.kind === 'help' ? Math.min(state.mode.top, Math.max(0, rows.length - height)) : 0;
  const below = rows.length - top - height;
  if (below <= 0) return rows.slice(top);
  return [...rows.slice(top, top + height - 1), rowOf(`${INDENT}… ${below + 1} more`, THEME.dim)];
}

function helpRows(state: PickerState, width: number): Row[] {
  const filter = state.mode.kind === 'help' ? state.mode.filter.text.toLowerCase().split(/\s+/) : [];
  const lines = [
    ...BINDINGS.filter(({ isChange }) => isChange !== true || state.canChange).map((binding) => ({
      keys: state.keyMap.keysOf(binding.action).map(keyLabel).join(', '),
      words: binding.action === 'accept' ? acceptText(state) : binding.long,
    })),
    ...state.keyMap.commands.map(({ key, label }) => ({ keys: keyLabel(key), words: label })),
  ].filter(({ keys, words }) => filter.every((word) => `${keys} ${words}`.toLowerCase().includes(word)));
  if (lines.length === 0) return [[], rowOf('   No keys match.', THEME.bold)];
  const keyWidth = Math.min(Math.floor(width * KEY_SHARE), Math.max(...lines.map(({ keys }) => keys.length)));
  const wordsWidth = Math.max(1, width - keyWidth - 2 * INDENT.length);
  return lines.flatMap(({ keys, words }) => {
    const left = wrapLine(keys, keyWidth);
    const right = wrapLine(words, wordsWidth);
    return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => [
      spanOf(`${INDENT}${(left[at] ?? '').padEnd(keyWidth)}${INDENT}`, THEME.key),
      spanOf(right[at] ?? ''),
    ]);
  });
}

function acceptText({ verb, several }: PickerState): string {
  return `${verb} the session${several ? ', or all marked ones' : ''}`;
}
