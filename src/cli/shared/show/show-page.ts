import { footprint } from '../../../claude/layout.js';
import { maskSecretsIn } from '../../../redaction/mask-secrets.js';
import type { SessionRecord } from '../../../session-index/record.js';
import { lineageOf } from '../../../sessions/select/lineage.js';
import type { MessageEntry } from '../../../transcript/messages/messages.js';
import type { SessionCosts } from '../../../usage/session-costs.js';
import type { Context } from '../../context.js';
import { conversationLines } from '../../render/conversation/conversation.js';
import type { ConversationOptions } from '../../render/conversation/options.js';
import { headerLines } from '../../render/show.js';
import { UNBROKEN } from '../../render/text/fit.js';
import { shortPath } from '../../render/text/path.js';
import type { PageScreen } from '../../render/text/screen.js';
import type { Shown } from './shown.js';

/** Facts that a page shows above the conversation. */
export interface Page {
  shown: Shown;
  record: SessionRecord;
  costs: SessionCosts | null;
  /** Secrets are masked in the header too. */
  isRedacted: boolean;
}

/** The page as groups of lines: header, then the conversation. In a pipe nothing is broken or cut. */
export function* pageLines(
  { shown, record, costs, isRedacted }: Page,
  options: ConversationOptions,
  messages: Iterable<MessageEntry>,
  screen: PageScreen,
): Generator<string[]> {
  const { row, index, agentId } = shown;
  const words = { record, lineage: lineageOf(index, row, record) };
  yield agentId === null
    ? headerLines({ ...(isRedacted ? maskSecretsIn(words) : words), costs, footprint: footprint(row.file) }, screen)
    : [`Subagent ${agentId} of ${record.id}`];
  yield* conversationLines(messages, options, screen, { cwd: record.cwd, home: screen.home });
}

/** The end of a conversation under its file's name: figures of the whole session are left out. */
export function* endLines(
  path: string,
  options: ConversationOptions,
  messages: Iterable<MessageEntry>,
  screen: PageScreen,
): Generator<string[]> {
  yield [shortPath(path, screen.home)];
  yield* conversationLines(messages, options, screen, { cwd: null, home: screen.home });
}

/** The screen of a page. In a pipe nothing is measured or laid out, and what does that is not even loaded. */
export async function pageScreen({ stdout, width, color, home, now }: Context): Promise<PageScreen> {
  const common = { color, home, now: now() };
  if (!stdout.isTerminal) return { ...common, width: Infinity, fit: UNBROKEN, markdown: null };
  const [{ IN_COLUMNS: fit }, { markdownLayout }] = await Promise.all([
    import('../../render/text/wrap.js'),
    import('../../render/markdown/markdown.js'),
  ]);
  return { ...common, width, fit, markdown: markdownLayout(color, fit) };
}
