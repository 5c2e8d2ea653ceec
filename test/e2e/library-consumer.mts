// A program as others write it, compiled against the packed types alone (package.test.ts): what it may rely on is
// typed, and what is misspelt does not compile.
import {
  CcsessError,
  forecast,
  getSession,
  listCheckpoints,
  listPrices,
  listSessions,
  planPrune,
  recover,
  searchSessions,
  stats,
  type ContentBlock,
  type ErrorCode,
  type FailureCode,
  type Live,
  type ProblemCode,
  type SessionPart,
  type StopReason,
} from 'ccsess';

/** Each known type has its members. */
export function describe(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'thinking':
      return block.thinking;
    case 'tool_use':
    case 'server_tool_use':
      return `${block.name} ${String(block.input['file_path'])}`;
    case 'tool_result':
      return typeof block.content === 'string' ? block.content : (block.content ?? []).map(describe).join('\n');
    case 'image':
      return block.source.media_type ?? block.source.type;
    case 'web_search_tool_result':
      return String(block['content']);
    default:
      return block.type;
  }
}

export function misread(block: ContentBlock): unknown {
  // @ts-expect-error only a text block has this member
  if (block.type === 'tool_use') return block.text;
  // @ts-expect-error no block has this type
  return block.type === 'tool-use';
}

/** Codes are compared with what they can be. */
export function isUrgent(code: ProblemCode): boolean {
  // @ts-expect-error it is spelt `torn-tail`
  if (code === 'torn-line') return false;
  return code === 'unreadable' || code === 'unreadable-registry';
}

/** Texts of Claude Code may be of a later version. */
export function isWorking({ status }: Live): boolean {
  return status === 'busy' || status === 'a status of a later version';
}

export const known: { live: Live['status']; stop: StopReason } = { live: 'idle', stop: 'end_turn' };
// @ts-expect-error it is spelt `NOT_FOUND`
export const misspelt: ErrorCode = 'NOTFOUND';
export const failures: FailureCode[] = ['pinned', 'IO', 'ENOSPC'];
// @ts-expect-error no part has this name
export const part: SessionPart = 'tool-result';

/** Results have types with names, which declarations need. */
export const { periods } = await forecast({ within: '7d' });
export const plan = await planPrune({ olderThan: '30d', kind: ['interactive', 'headless'] });
export const errors = plan.remove.map(({ error }) => error);
export const { models } = await listPrices();
export const { rows, totals } = await stats({ by: ['week', 'project'] });
export const outcomes = (await recover({ dryRun: true })).map(({ outcome }) => outcome);
export const session = await getSession('Rate limiter');
export const { checkpoints, reason } = await listCheckpoints('Rate limiter');
export const changes = checkpoints.map(({ files }) => files);
export const files = await session?.files();

for await (const match of searchSessions('rename', { in: ['prompt'] })) describe({ type: 'text', text: match.snippet });
for await (const message of session?.messages({ tail: 2 }) ?? []) message.content.map(describe);
// @ts-expect-error it is spelt `limit`
await listSessions({ limits: 2 }).catch((error: unknown) => (error instanceof CcsessError ? error.code : null));
