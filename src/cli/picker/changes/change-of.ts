import type { Action } from '../keys/key-map.js';
import type { Entry } from '../find/entry.js';
import type { Change } from '../services.js';

/** Returns the change that an action makes to sessions: pins become unpinned only if all of them are pinned. */
export function changeOf(action: Action, entries: readonly Entry[]): Change | null {
  if (entries.length === 0) return null;
  switch (action) {
    case 'fork':
    case 'trash':
      return { kind: action };
    case 'pin':
      return { kind: entries.every(({ row }) => row.pinned) ? 'unpin' : 'pin' };
    case 'archive':
      return { kind: entries.every(({ row }) => row.archived) ? 'unarchive' : 'archive' };
    default:
      return null;
  }
}
