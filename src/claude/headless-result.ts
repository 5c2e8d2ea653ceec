import { parseObject } from '../system/small-file.js';

/** Result of a `claude -p` run. */
export interface HeadlessResult {
  /** The answer, or the error message; null if there is neither. */
  text: string | null;
  /** Use this instead of the exit code, which is 0 after an interruption. */
  isError: boolean;
  turns: number;
  /** Cost of the whole session so far. */
  costUsd: number | null;
}

/**
 * Parses the output of `claude -p --output-format json`, which is an array with `--verbose`; returns null if it has no
 * result. Source: docs/storage.md, "Exit codes and signals".
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
