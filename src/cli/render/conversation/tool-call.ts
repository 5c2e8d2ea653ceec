import { jsonText } from '../../../transcript/json/json-text.js';
import { counted } from '../text/number.js';
import type { PageScreen } from '../text/screen.js';
import { diffOf, type DiffLine } from './diff.js';
import { imageLines } from './image.js';
import { indented, INDENT, plainLines } from './indent.js';
import type { ToolDetail } from './options.js';
import { toolText, type ToolCall, type ToolLine, type ToolOutcome } from './tool-line.js';

/** The space between calls that share a line. */
export const BETWEEN_CALLS = '   ';
const RESULT_MARK = '  │ ';
const INPUT_MARK = '    ';
/** Maximum number of lines of a change, and of a result, in the short form. */
const MAX_SHORT_DIFF = 12;
const MAX_SHORT_RESULT = 4;
/** Number of characters of a result that are read for the short form. */
const MAX_SHORT_TEXT = 4096;

/** Returns the lines of calls that share a line, in colour: the outcome is quieter than the call, and a failure red. */
export function callLines(calls: readonly ToolLine[], { fit, width, color }: PageScreen): string[] {
  const text = INDENT + calls.map(toolText).join(BETWEEN_CALLS);
  if (fit.widthOf(text) > width) return fit.wrap(text, width).map((line) => color.cyan(line));
  const painted = calls.map(({ head, subject, tail, hasFailed }) => {
    const outcome = tail === '' ? '' : hasFailed ? color.red(tail) : color.dim(tail);
    return color.cyan(head) + subject + outcome;
  });
  return [INDENT + painted.join(BETWEEN_CALLS)];
}

/** Returns the lines of a call below the first. */
export function callRest(
  call: ToolCall,
  outcome: ToolOutcome | null,
  detail: ToolDetail,
  screen: PageScreen,
): string[] {
  if (detail === 'folded') return [];
  const diff = screen.markdown === null ? null : diffOf(call, outcome?.details ?? null);
  if (diff !== null && outcome?.isError !== true) return diffLines(diff, detail, screen);
  const input = detail === 'full' ? inputLines(call, screen) : [];
  return outcome === null ? input : [...input, ...resultLines(outcome, detail, screen)];
}

/** Returns the text and images of a result, in the given detail. */
export function resultLines(outcome: ToolOutcome, detail: ToolDetail, screen: PageScreen): string[] {
  const { text, images } = outcome;
  if (detail === 'folded') return [];
  const dim = screen.color.dim;
  const shown = detail === 'short' ? (text ?? '').slice(0, MAX_SHORT_TEXT) : (text ?? '');
  const lines = indented(shown, screen, RESULT_MARK);
  const pictures = screen.markdown === null ? [] : imageLines(images).map((line) => INDENT + RESULT_MARK + line);
  const all = [
    ...pictures,
    ...shortened(lines, detail === 'short' ? MAX_SHORT_RESULT : Infinity, RESULT_MARK, text ?? ''),
  ];
  return all.map((line) => dim(line));
}

function inputLines({ input }: ToolCall, screen: PageScreen): string[] {
  return Object.entries(input)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : jsonText(value)}`)
    .flatMap((text) => indented(text, screen, INPUT_MARK));
}

/** Returns the first lines, and the number of the others. */
function shortened(lines: string[], limit: number, mark: string, text: string): string[] {
  if (lines.length <= limit) return lines;
  const left = Math.max(lines.length, text.trimEnd().split('\n').length) - limit;
  return [...lines.slice(0, limit), `${INDENT}${mark}… ${counted(left, 'more line')}`];
}

function diffLines(diff: readonly DiffLine[], detail: ToolDetail, screen: PageScreen): string[] {
  const { color } = screen;
  const shown = detail === 'short' ? diff.slice(0, MAX_SHORT_DIFF) : diff;
  const digits = Math.max(1, ...shown.map(({ number }) => String(number ?? '').length));
  const lines = shown.flatMap(({ sign, text, number }) => {
    const mark = `  ${String(number ?? '').padStart(digits)} ${sign} `;
    const paint = sign === '+' ? color.green : sign === '-' ? color.red : color.dim;
    const pieces = plainLines(text === '' ? ' ' : text, screen, mark);
    return (pieces.length === 0 ? [''] : pieces).map((piece, at) =>
      paint((INDENT + (at === 0 ? mark : ' '.repeat(mark.length)) + piece).trimEnd()),
    );
  });
  const left = diff.length - shown.length;
  return left === 0 ? lines : [...lines, color.dim(`${INDENT}  … ${counted(left, 'more line')}`)];
}
