import { asEntry, asString, classifyUser, typedCommand, type Entry } from '../../../transcript/messages/classify.js';
import type { SessionMessage } from '../../../transcript/messages/message.js';
import { grouped } from '../text/number.js';
import { oneLine } from '../text/sanitize.js';
import type { PageScreen } from '../text/screen.js';
import { indented } from './indent.js';

/**
 * Returns lines about Claude Code's own messages that matter to a reader: commands, interruptions, compactions and
 * errors.
 */
export function noteLines(message: SessionMessage, entry: Entry, screen: PageScreen): string[] {
  const dim = (text: string): string[] => indented(text, screen).map((line) => screen.color.dim(line));
  if (message.kind === 'compact-summary') return dim(`summary of what came before:\n${message.text}`);
  if (message.kind === 'system') {
    const subtype = asString(entry['subtype']);
    if (subtype === 'compact_boundary') return dim(compaction(entry));
    if (subtype === 'local_command') return dim(commandText(asString(entry['content']) ?? ''));
    const error = asString(entry['content']) ?? '';
    return subtype === 'api_error' || subtype === 'informational' ? dim(error) : [];
  }
  const kind = classifyUser(entry);
  if (kind === 'command-echo') return dim(commandText(message.text));
  if (kind === 'interruption') return dim(oneLine(message.text));
  return kind === 'notification'
    ? dim(`notice: ${tagged(message.text, 'summary') ?? oneLine(message.text).slice(0, 200)}`)
    : [];
}

function compaction(entry: Entry): string {
  const metadata = asEntry(entry['compactMetadata']);
  const trigger = asString(metadata?.['trigger']);
  const tokens = metadata?.['preTokens'];
  const details = [trigger ?? '', typeof tokens === 'number' ? `${grouped(tokens)} tokens` : ''].filter(
    (part) => part !== '',
  );
  return details.length === 0 ? 'compacted' : `compacted (${details.join(', ')})`;
}

/** Returns `/name arguments`, `! command`, or the output of a command. */
function commandText(text: string): string {
  return typedCommand(text) ?? text.replace(/<\/?(?:local-command|bash|command)-[a-z]+>/g, '').trim();
}

function tagged(text: string, tag: string): string | null {
  return new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1]?.trim() ?? null;
}
