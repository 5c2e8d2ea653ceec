import { CcsessError } from '../../system/errors.js';
import { call, phrase, type Phrase } from '../../system/phrase.js';
import type { ConfigDir } from '../../claude/model.js';
import { isSessionId } from '../../claude/scan/scan.js';
import { isSafeName } from '../../system/safe-path.js';
import { parseObject, withoutMark } from '../../system/small-file.js';
import { jsonText } from '../../transcript/json/json-text.js';
import type { Expiry, RemovalCode, Reason } from '../model.js';

const PLANNING = call('planPrune');

/**
 * The content of a plan file that is used: sessions with their fingerprints and reasons, trash entries to expire, and
 * the policy. File paths are not taken from it.
 */
export interface ListedPlan {
  pruneId: string;
  remove: ListedRemoval[];
  expire: Expiry[];
  policy: ListedPolicy;
  /** Number of sessions in the plan's scope, and their bytes. */
  scanned: number;
  scannedBytes: number;
}

/** A session of a plan file. */
export interface ListedRemoval {
  id: string;
  configDir: string;
  /** Empty for leftovers outside any project dir. */
  projectDir: string;
  fingerprint: string;
  reasons: Reason<RemovalCode>[];
}

/** The part of a plan file's policy that is used when it is applied. */
export interface ListedPolicy {
  /** Age as text, not parsed. */
  minIdle: string;
  includeArchived: boolean;
  includeRestored: boolean;
  maxTotalBytes: number | null;
  permanent: boolean;
  compress: boolean;
  trashTtl: string;
}

const REMOVAL_CODES: Readonly<Record<RemovalCode, true>> = {
  'older-than': true,
  'larger-than': true,
  'prompts-at-most': true,
  empty: true,
  orphan: true,
  budget: true,
  named: true,
};
const FINGERPRINT = /^sha256:[0-9a-f]{64}$/;
const PRUNE_ID = /^[\w-]{1,64}$/;

/**
 * Reads a plan as `planPrune` returned it; elements of `remove` and `expire` may have been deleted. Throws PLAN_REFUSED
 * for anything else, and for a plan of other config dirs.
 */
export function readPlanFile(text: string, configDirs: readonly ConfigDir[]): ListedPlan {
  const file = parseObject(withoutMark(text));
  if (file === null) throw refused(phrase`it is not a plan of ${PLANNING}`);
  if (file['schemaVersion'] !== 1)
    throw refused(`its schemaVersion is ${show(file['schemaVersion'])}, this ccsess reads 1`);
  const paths = configDirs.map(({ path }) => path);
  if (!isSame(file['configDirs'], paths))
    throw refused(`it is for ${show(file['configDirs'])}, not for ${show(paths)}`);
  const { pruneId } = file;
  if (typeof pruneId !== 'string' || !PRUNE_ID.test(pruneId)) throw malformed('pruneId');
  const remove = objects(file['remove'], 'remove').map((item, at) => removalOf(item, `remove[${at}]`, paths));
  const keys = remove.map(({ id, configDir, projectDir }) => [id, configDir, projectDir].join('\0'));
  const seen = new Set<string>();
  const twice = remove.find((_, at) => seen.size === seen.add(keys[at] ?? '').size);
  if (twice !== undefined) throw refused(`it names session ${twice.id} twice`);
  const totals = objectOf(file['totals'], 'totals');
  return {
    pruneId,
    remove,
    expire: objects(file['expire'], 'expire').map((item, at) => expiryOf(item, `expire[${at}]`)),
    policy: policyOf(objectOf(file['policy'], 'policy')),
    scanned: numberOf(totals['scanned'], 'totals.scanned'),
    scannedBytes: numberOf(totals['scannedBytes'], 'totals.scannedBytes'),
  };
}

function removalOf(item: Members, at: string, configDirs: readonly string[]): ListedRemoval {
  const { id, configDir, projectDir, fingerprint } = item;
  if (typeof id !== 'string' || !isSessionId(id)) throw refused(`${at}.id is not a session id: ${show(id)}`);
  if (typeof configDir !== 'string' || !configDirs.includes(configDir))
    throw refused(`${at}.configDir is another one: ${show(configDir)}`);
  if (projectDir !== '' && !isSafeName(projectDir))
    throw refused(`${at}.projectDir is not the name of a project dir: ${show(projectDir)}`);
  if (typeof fingerprint !== 'string' || !FINGERPRINT.test(fingerprint)) throw malformed(`${at}.fingerprint`);
  return {
    id,
    configDir,
    projectDir,
    fingerprint,
    reasons: objects(item['reasons'], `${at}.reasons`).map((reason) => reasonOf(reason, at)),
  };
}

function reasonOf({ code, detail }: Members, at: string): Reason<RemovalCode> {
  if (typeof code !== 'string' || !Object.hasOwn(REMOVAL_CODES, code)) throw malformed(`${at}.reasons`);
  if (detail !== null && typeof detail !== 'string') throw malformed(`${at}.reasons`);
  return { code: code as RemovalCode, detail };
}

function expiryOf({ id, trashedAt, heldBytes }: Members, at: string): Expiry {
  if (typeof id !== 'string' || !isSessionId(id)) throw refused(`${at}.id is not a session id: ${show(id)}`);
  if (typeof trashedAt !== 'string') throw malformed(`${at}.trashedAt`);
  return { id, trashedAt, heldBytes: numberOf(heldBytes, `${at}.heldBytes`) };
}

function policyOf(policy: Members): ListedPolicy {
  const { minIdle, trashTtl, maxTotalBytes } = policy;
  if (typeof minIdle !== 'string') throw malformed('policy.minIdle');
  if (typeof trashTtl !== 'string') throw malformed('policy.trashTtl');
  return {
    minIdle,
    trashTtl,
    maxTotalBytes: maxTotalBytes === null ? null : numberOf(maxTotalBytes, 'policy.maxTotalBytes'),
    includeArchived: flagOf(policy, 'includeArchived'),
    includeRestored: flagOf(policy, 'includeRestored'),
    permanent: flagOf(policy, 'permanent'),
    compress: flagOf(policy, 'compress'),
  };
}

type Members = Record<string, unknown>;

function flagOf(policy: Members, name: string): boolean {
  const value = policy[name];
  if (typeof value !== 'boolean') throw malformed(`policy.${name}`);
  return value;
}

function numberOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed(name);
  return value;
}

function objectOf(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(name);
  return value as Members;
}

function objects(value: unknown, name: string): Members[] {
  if (!Array.isArray(value)) throw malformed(name);
  return value.map((item, at) => objectOf(item, `${name}[${at}]`));
}

function isSame(value: unknown, paths: readonly string[]): boolean {
  return Array.isArray(value) && value.length === paths.length && paths.every((path, at) => value[at] === path);
}

function malformed(name: string): CcsessError {
  return refused(phrase`${name} is not as in a plan of ${PLANNING}`);
}

/** Returns the start of a value as JSON. */
function show(value: unknown): string {
  const text = value === undefined ? 'missing' : jsonText(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

/** Returns the error for a plan that cannot be applied. */
export function refused(why: Phrase): CcsessError {
  return new CcsessError('PLAN_REFUSED', phrase`this plan cannot be applied: ${why}. Nothing was changed.`, {
    hint: phrase`make a new one: ${PLANNING}`,
  });
}
