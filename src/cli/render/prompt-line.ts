import type { PromptRecord } from '../../sessions/prompts/prompt-record.js';
import { tabbed } from './text/pipe.js';

/**
 * Returns a prompt as a line for pipes: timestamp, sessionId, prompt, state, cwd, text, and the config dir if there are
 * several.
 */
export function promptLine(record: PromptRecord, withConfigDir = false): string {
  const { timestamp, sessionId, prompt, state, cwd, text, configDir } = record;
  return tabbed([timestamp, sessionId, prompt, state, cwd, text, ...(withConfigDir ? [configDir] : [])]);
}
