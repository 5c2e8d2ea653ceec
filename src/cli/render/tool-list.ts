import { grouped } from './text/number.js';
import { oneLine } from './text/sanitize.js';

/** Maximum number of tools that are named. */
const MAX_TOOLS = 6;

/** Returns tool calls by tool on one line: `Bash 120 · Edit 40 · 3 others 7`. */
export function toolList(tools: Readonly<Record<string, number>>, separator: string): string {
  const all = Object.entries(tools);
  const named = all.length <= MAX_TOOLS + 1 ? all : all.slice(0, MAX_TOOLS);
  const rest = all.slice(named.length);
  const others = rest.reduce((sum, [, calls]) => sum + calls, 0);
  const parts = named.map(([tool, calls]) => `${oneLine(tool)} ${grouped(calls)}`);
  return [...parts, ...(rest.length === 0 ? [] : [`${rest.length} others ${grouped(others)}`])].join(separator);
}
