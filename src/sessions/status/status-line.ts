import { statSync } from 'node:fs';
import { basename, isAbsolute, join, sep } from 'node:path';
import { readCleanupPolicies } from '../../claude/cleanup/cleanup-policies.js';
import { MANAGED_SETTINGS_FOLDERS } from '../../claude/cleanup/cleanup-policy.js';
import { transcriptExpiry } from '../../claude/cleanup/expiry.js';
import { isSessionId } from '../../claude/scan/scan.js';
import { isPinned, sidecarTitle } from '../../claude/sidecars.js';
import type { Environment } from '../../claude/environment.js';
import { givenTitle } from '../../session-index/given-title.js';
import { parseObject, withoutMark } from '../../system/small-file.js';
import { asEntry, asString } from '../../transcript/messages/classify.js';
import { titleText } from '../../transcript/messages/title-text.js';
import { readNearTitles, type TitlesAtEnds } from '../../transcript/near-titles.js';

/** A running session as its status line shows it (schema version 1). Unknown values are null. */
export interface StatusLine {
  schemaVersion: 1;
  id: string | null;
  title: string | null;
  /** The title is the text of a prompt. */
  isPromptTitle: boolean;
  /** Cost of the session by Claude Code's own account, US dollars. */
  costUsd: number | null;
  /**
   * When Claude Code's cleanup will delete the transcript if it is not used again; null if never, as for a pinned
   * session.
   */
  expiresAt: string | null;
  cwd: string | null;
  /** As Claude Code shows it: `Opus 5.5`. */
  model: string | null;
  /** Share of the context window in use. */
  contextPercent: number | null;
  /** Path of the transcript; there is no such file before the first prompt. */
  transcript: string | null;
}

const NO_TITLES: TitlesAtEnds = { customTitle: null, aiTitle: null, lastPrompt: null, firstPrompt: null };

/**
 * Returns the state of a session from the JSON that Claude Code passes to a status line command, completed from
 * settings and the ends of the transcript. Never throws: a value that is missing or malformed is null. Source:
 * docs/storage.md, "Status line".
 */
export function readStatusLine(
  input: string,
  { configDirs, system, now }: Pick<Environment, 'configDirs' | 'system' | 'now'>,
): StatusLine {
  const status = parseObject(withoutMark(input)) ?? {};
  const named = asString(status['session_id']);
  const id = named !== null && isSessionId(named) ? named : null;
  const path = asString(status['transcript_path']);
  const transcript = path !== null && isAbsolute(path) && id !== null && basename(path) === `${id}.jsonl` ? path : null;
  const workspace = asEntry(status['workspace']);
  const model = asEntry(status['model']);
  return {
    schemaVersion: 1,
    id,
    ...titleOf(asString(status['session_name']), transcript),
    costUsd: amount(asEntry(status['cost'])?.['total_cost_usd']),
    expiresAt: transcript === null ? null : expiryOf(transcript, { configDirs, system, now }),
    cwd: asString(workspace?.['current_dir']) ?? asString(status['cwd']),
    model: asString(model?.['display_name']) ?? asString(model?.['id']),
    contextPercent: amount(asEntry(status['context_window'])?.['used_percentage']),
    transcript,
  };
}

/** The name that Claude Code passes, which is a given or generated title; else the title in the transcript. */
function titleOf(name: string | null, transcript: string | null): Pick<StatusLine, 'title' | 'isPromptTitle'> {
  const given = givenTitle({ customTitle: name, aiTitle: null, summary: null });
  if (given !== null) return { title: given.title, isPromptTitle: false };
  const near = transcript === null ? NO_TITLES : (orNull(() => readNearTitles(transcript)) ?? NO_TITLES);
  const custom = near.customTitle ?? (transcript === null ? null : sidecarTitle({ path: transcript }));
  const own = givenTitle({ customTitle: custom, aiTitle: near.aiTitle, summary: null });
  if (own !== null) return { title: own.title, isPromptTitle: false };
  const prompt = [near.lastPrompt, near.firstPrompt].map((text) => titleText(text ?? '')).find((text) => text !== '');
  return { title: prompt ?? null, isPromptTitle: prompt !== undefined };
}

function expiryOf(
  path: string,
  { configDirs, system, now }: Pick<Environment, 'configDirs' | 'system' | 'now'>,
): string | null {
  const configDir = configDirs.find(
    (one) => path.startsWith(join(one.path, 'projects') + sep) || path.startsWith(one.projectsRoot + sep),
  );
  const stats = orNull(() => statSync(path, { throwIfNoEntry: false }));
  if (configDir === undefined || stats?.isFile() !== true || isPinned({ path })) return null;
  const policies = readCleanupPolicies(configDirs, MANAGED_SETTINGS_FOLDERS[system.platform], now());
  const { size, mtimeMs } = stats;
  const expiresMs = transcriptExpiry({ path, size, mtimeMs, mayBeDesktop: true }, policies.of(configDir));
  return expiresMs === null || Math.abs(expiresMs) > 8.64e15 ? null : new Date(expiresMs).toISOString();
}

function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
