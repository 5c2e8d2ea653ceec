import type { PromptRecord } from '../../sessions/prompts/prompt-record.js';
import { tabbed } from './text/pipe.js';

/** A prompt as a line of a pipe: timestamp, sessionId, prompt, state, cwd, text; maybe the config dir. */
export function promptLine(record: PromptRecord, withConfigDir = false): string {
  const { timestamp, sessionId, prompt, state, cwd, text, configDir } = record;
  return tabbed([timestamp, sessionId, prompt, state, cwd, text, ...(withConfigDir ? [configDir] : [])]);
}
