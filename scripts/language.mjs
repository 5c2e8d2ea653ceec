// Checks the words of the project: names, comments, messages, documents and tests' titles. Prints each line that uses a
// word or a pattern listed below, and exits with 1 if there is one.
//
//   node scripts/language.mjs [path ...]     only files below these paths
//   node scripts/language.mjs --count        a count per rule and folder
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Each rule: what is looked for in prose (comments, strings, documents), and what to write instead. */
const PROSE = [
  [/\b(tells?|told|telling)\b/i, 'say, report, identify or distinguish'],
  [/\b(lies|lie|lying)\b/i, 'is stored, is located, is'],
  [/\bg(o|oes|oing) on\b/i, 'continue, resume'],
  [/\bbeside\b/i, 'next to, in addition to'],
  [/(?<!there )\b(is|are|was|were) no\b(?! longer| more)/i, 'is not a'],
  [/\bso many\b/i, 'the number, this many'],
  [/\bof late\b/i, 'recently'],
  [/\bcomes? upon\b/i, 'find'],
  [/\bthe same of\b/i, 'name the thing'],
  [/\bthe other way round\b/i, 'in reverse'],
  [/\bas it came\b/i, 'unchanged'],
];
/** Starts of a comment that leave the reader to guess the noun. */
const COMMENT_START = /(?:\/\/|\/\*\*|^\s*\*) (What|Whether|Whose|Where|Those|The same|One of them)\b/;
/** Rules for names, as `PROSE`. */
const NAMES = [
  [/\b(MOST|LEAST)_[A-Z]/, 'MAX_…, MIN_…'],
  [/\b(goOn|theOneHere|isBesideThePoint|makings)\b/, 'a verb and a noun of the glossary'],
];
/** Exceptions, by file and a part of the line, with the reason. */
const ALLOWED = [];

const args = process.argv.slice(2).filter((arg) => arg !== '--count');
const counts = process.argv.includes('--count');
const roots = ['src', 'test', 'docs', 'bench', 'scripts', 'torture', 'README.md', 'CONTRIBUTING.md'];
const files = execFileSync('git', ['ls-files', ...(args.length > 0 ? args : roots)], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|mts|mjs|cjs|md)$/.test(file) && file !== 'scripts/language.mjs' && file !== 'CHANGELOG.md');

function* findingsIn(file) {
  let isFenced = false;
  for (const [at, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (/^\s*```/.test(line)) isFenced = !isFenced;
    const prose = file.endsWith('.md') ? (isFenced ? '' : line) : proseOf(line);
    const found = [
      ...PROSE.flatMap(([pattern, instead]) => (pattern.test(prose) ? [instead] : [])),
      ...(COMMENT_START.test(line) && !file.endsWith('.md') ? ['start with a noun phrase or a verb'] : []),
      ...NAMES.flatMap(([pattern, instead]) => (pattern.test(line) && !file.endsWith('.md') ? [instead] : [])),
    ];
    const allowed = ALLOWED.some(([where, part]) => where === file && line.includes(part));
    if (!allowed) for (const instead of found) yield { file, line: at + 1, text: line.trim(), instead };
  }
}

/** The comment and the strings of a line of code. */
function proseOf(line) {
  if (/^\s*(\/\/|\/?\*)/.test(line)) return line;
  const strings = line.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`/g) ?? [];
  const [, comment = ''] = /\/\/ (.*)$/.exec(line) ?? [];
  return [...strings.filter((text) => text.includes(' ')), comment].join(' ');
}

const findings = files.flatMap((file) => [...findingsIn(file)]);
if (counts) {
  const folders = new Map();
  for (const { file } of findings) {
    const folder = file.split('/').slice(0, 3).slice(0, -1).join('/') || file;
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  for (const [folder, count] of [...folders].sort(([, a], [, b]) => b - a)) console.log(`${count}\t${folder}`);
} else for (const { file, line, text, instead } of findings) console.log(`${file}:${line}: ${instead}\n    ${text}`);
console.log(`${findings.length} lines in ${files.length} files`);
if (findings.length > 0) process.exitCode = 1;
