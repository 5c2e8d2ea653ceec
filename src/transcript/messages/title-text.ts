/** Longest text that elements are taken out of; Claude Code reads no more than 200 characters of a title. */
const MAX_LENGTH = 10_000;
const ELEMENT = /<([a-z][\w-]*)(?:\s[^<>]*)?>[\s\S]*?<\/\1>/g;
/** Commands of Claude Code that act locally: they never name a session that has anything else. */
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
 * A text as Claude Code's picker shows it in the place of a title: on one line, runs of blanks as one, XML elements
 * with lower-case names left out. '' if nothing is left.
 */
export function titleText(text: string): string {
  const kept = text.includes('</') ? text.slice(0, MAX_LENGTH).replace(ELEMENT, '') : text;
  return kept.replace(/\s+/g, ' ').trim();
}

/** True for a command line (`/model opus`) that Claude Code's picker passes over. */
export function isLocalCommand(line: string): boolean {
  return LOCAL_COMMANDS.has(line.split(' ', 1)[0] ?? '');
}
