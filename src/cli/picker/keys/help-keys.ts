import type { ScreenEvent } from '../../../tui/screen.js';
import type { Mode } from '../state.js';
import type { KeyMap } from './key-map.js';

const SCROLL = 5;

/** Handles an event of the help: scrolls it or changes its filter. Returns false if the help is to be closed. */
export function handleHelpEvent(event: ScreenEvent, mode: Extract<Mode, { kind: 'help' }>, keyMap: KeyMap): boolean {
  const action = event.type === 'key' ? keyMap.actionOf(event.key) : null;
  const { filter } = mode;
  if (action === 'leave' && !filter.isEmpty) filter.text = '';
  else if (action === 'leave' || action === 'help' || action === 'accept') return false;
  else if (action === 'up' || action === 'page-up') mode.top = Math.max(0, mode.top - SCROLL);
  else if (action === 'down' || action === 'page-down') mode.top += SCROLL;
  else if (filter.handle(event)) mode.top = 0;
  return true;
}
