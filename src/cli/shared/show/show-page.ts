import { footprint } from '../../../claude/layout.js';
import { maskSecretsIn } from '../../../redaction/mask-secrets.js';
import type { SessionRecord } from '../../../session-index/record.js';
import { lineageOf } from '../../../sessions/select/lineage.js';
import type { SessionCosts } from '../../../usage/session-costs.js';
import type { Context } from '../../context.js';
import { headerLines } from '../../render/show.js';
import { UNBROKEN } from '../../render/text/fit.js';
import { oneLine } from '../../render/text/sanitize.js';
import type { PageScreen } from '../../render/text/screen.js';
import type { ShownSession } from './shown.js';

/** Facts that the header of a page shows. */
export interface Page {
  shown: ShownSession;
  record: SessionRecord;
  costs: SessionCosts | null;
  /** True if secrets are masked in the header too. */
  isRedacted: boolean;
}

/** Returns a function that returns the header of a page for a screen. */
export function pageHeader({ shown, record, costs, isRedacted }: Page): (screen: PageScreen) => string[] {
  const { row, index, agentId } = shown;
  if (agentId !== null) return () => [`Subagent ${agentId} of ${record.id}`];
  const words = { record, lineage: lineageOf(index, row, record) };
  const safe = isRedacted ? maskSecretsIn(words) : words;
  return (screen) => headerLines({ ...safe, costs, footprint: footprint(row.file) }, screen);
}

/** Returns a session's title on one line, with secrets masked if `isRedacted`; empty without a session or a title. */
export function viewerTitle(record: SessionRecord | null, isRedacted: boolean): string {
  const words = { title: record?.title ?? '' };
  return oneLine((isRedacted ? maskSecretsIn(words) : words).title);
}

/** Returns the screen of a page. In a pipe nothing is laid out, and the layout modules are not loaded. */
export async function pageScreen(context: Context): Promise<PageScreen> {
  const { stdout, width, color, home, invocation, now } = context;
  if (stdout.isTerminal) return laidOutScreen(width, color, context);
  return { color, home, invocation, now: now(), width: Infinity, fit: UNBROKEN, markdown: null };
}

/** Returns a screen of this width, for which text is laid out. */
export async function laidOutScreen(
  width: number,
  color: Context['color'],
  { home, invocation, now }: Pick<Context, 'home' | 'invocation' | 'now'>,
): Promise<PageScreen> {
  const [{ IN_COLUMNS: fit }, { markdownLayout }] = await Promise.all([
    import('../../render/text/wrap.js'),
    import('../../render/markdown/markdown.js'),
  ]);
  return { color, home, invocation, now: now(), width, fit, markdown: markdownLayout(color, fit) };
}
