import type { Target } from '../target.js';
import type { SkippedFile, SkipReason } from './model.js';

const MESSAGES: Readonly<Record<SkipReason, string>> = {
  'unsafe-path': 'the path is not one that Claude Code writes',
  symlink: 'it is a symlink',
  'hard-link': 'it has more than one hard link',
  'not-a-file': 'it is not a regular file',
  'folder-changed': 'its folder is not the one it was in',
  outside: "it is outside the session's folder",
  'missing-backup': 'its copy is missing',
  'unsafe-backup': 'its copy is not a regular file',
  'no-first-version': 'its earlier content is not recorded',
  'not-deleted': 'it is not deleted, since the copy of another file is missing',
  unreadable: 'it cannot be read',
};

/** Returns a skipped file with the reason in words. */
export function skipped(
  { trackingPath, path }: Pick<Target, 'trackingPath' | 'path'>,
  reason: SkipReason,
): SkippedFile {
  return { path: trackingPath, absolutePath: path, reason, message: MESSAGES[reason] };
}
