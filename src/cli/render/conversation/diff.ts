import { asEntry, asString, type Entry } from '../../../transcript/messages/classify.js';
import type { ToolCall } from './tool-line.js';

/**
 * One line of a change. `number` is its number in the new file, or of a removed line in the old one; null if unknown.
 */
export interface DiffLine {
  sign: '+' | '-' | ' ' | '⋯';
  text: string;
  number: number | null;
}

/**
 * Returns the change of an Edit, MultiEdit or Write call, from the patch in its result if there is one; null for other
 * calls.
 */
export function diffOf(call: ToolCall, details: Entry | null): DiffLine[] | null {
  const patch = details?.['structuredPatch'];
  if (Array.isArray(patch) && patch.length > 0)
    return patch.flatMap((hunk: unknown, at) => hunkLines(asEntry(hunk), at));
  const { input, name } = call;
  if (name === 'Write') return signed('+', asString(input['content']) ?? '');
  const edits = (Array.isArray(input['edits']) ? input['edits'] : [input]).map(asEntry);
  if (!edits.some((edit) => typeof edit?.['new_string'] === 'string')) return null;
  return edits.flatMap((edit, at) => [
    ...(at === 0 ? [] : [gap()]),
    ...signed('-', asString(edit?.['old_string']) ?? ''),
    ...signed('+', asString(edit?.['new_string']) ?? ''),
  ]);
}

function hunkLines(hunk: Entry | null, at: number): DiffLine[] {
  let old = numberOf(hunk?.['oldStart']);
  let fresh = numberOf(hunk?.['newStart']);
  const lines: DiffLine[] = at === 0 ? [] : [gap()];
  for (const line of Array.isArray(hunk?.['lines']) ? (hunk['lines'] as unknown[]) : []) {
    if (typeof line !== 'string') continue;
    const sign = line[0] === '+' || line[0] === '-' ? line[0] : ' ';
    // `\ No newline at end of file` belongs to neither file.
    if (line.startsWith('\\')) continue;
    lines.push({ sign, text: line.slice(1), number: sign === '-' ? old : fresh });
    if (sign !== '+') old = old === null ? null : old + 1;
    if (sign !== '-') fresh = fresh === null ? null : fresh + 1;
  }
  return lines;
}

function signed(sign: '+' | '-', text: string): DiffLine[] {
  if (text === '') return [];
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => ({ sign, text: line, number: null }));
}

function gap(): DiffLine {
  return { sign: '⋯', text: '', number: null };
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}
