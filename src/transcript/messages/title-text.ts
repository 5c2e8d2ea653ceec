/** Maximum length of a text from which elements are removed; Claude Code reads at most 200 characters of a title. */
const MAX_LENGTH = 10_000;
const ELEMENT = /<([a-z][\w-]*)(?:\s[^<>]*)?>[\s\S]*?<\/\1>/g;
/** Claude Code's commands that act locally. They name a session only if there is nothing else. */
const LOCAL_COMMANDS: ReadonlySet<string> = new Set(
  (
    'add-dir agents bug clear compact config context copy cost doctor effort exit export fast feedback files help ' +
    'hooks ide init login logout mcp memory model output-style permissions plugin privacy-settings quit ' +
    'release-notes rename resume rewind sandbox skills stats status statusline tag tasks terminal-setup theme todos ' +
    'upgrade usage vim'
  )
    .split(' ')
    .map((name) => `/${name}`),
);

/**
 * Returns a text as Claude Code's picker shows it instead of a title: on one line, blanks collapsed, without XML
 * elements with lower-case names. Empty if nothing is left.
 */
export function titleText(text: string): string {
  const kept = text.includes('</') ? text.slice(0, MAX_LENGTH).replace(ELEMENT, '') : text;
  return kept.replace(/\s+/g, ' ').trim();
}

/** True for a command line (`/model opus`) that Claude Code's picker ignores. */
export function isLocalCommand(line: string): boolean {
  return LOCAL_COMMANDS.has(line.split(' ', 1)[0] ?? '');
}
