import { parseObject } from '../system/small-file.js';

/** Result of a `claude -p` run. */
export interface HeadlessResult {
  /** The answer, or what went wrong; null if there is neither. */
  text: string | null;
  /** To be judged by this and not by the exit code, which is 0 after an interruption. */
  isError: boolean;
  turns: number;
  /** Of the whole session so far. */
  costUsd: number | null;
}

/**
 * Reads what `claude -p --output-format json` prints, with `--verbose` too, which makes it an array; null if there is
 * no result in it. Source: docs/storage.md, "Exit codes and signals".
 */
export function parseHeadlessResult(stdout: string): HeadlessResult | null {
  const text = stdout.trim();
  const values = text.startsWith('[') ? parseObject(`{"values":${text}}`)?.['values'] : [parseObject(text)];
  const result = Array.isArray(values) ? values.findLast(isResult) : undefined;
  if (result === undefined) return null;
  const { result: answer, is_error: isError, num_turns: turns, total_cost_usd: costUsd } = result;
  return {
    text: typeof answer === 'string' ? answer : null,
    isError: isError !== false,
    turns: typeof turns === 'number' ? turns : 0,
    costUsd: typeof costUsd === 'number' ? costUsd : null,
  };
}

function isResult(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'result';
}
