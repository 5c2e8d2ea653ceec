/** One prompt as JSON shows it (schema version 1, docs/schema/prompts.schema.json). */
export interface PromptRecord {
  schemaVersion: 1;
  configDir: string;
  /** Null in the history of old versions. */
  sessionId: string | null;
  /** Null if the session is gone. */
  projectDir: string | null;
  /** Title of the session; null if it is gone. */
  title: string | null;
  cwd: string | null;
  /** Number that `show --at` and `fork --at` take; null outside the active branch. */
  prompt: number | null;
  messageUuid: string | null;
  timestamp: string | null;
  text: string;
  /**
   * `queued`: it waits until Claude has ended its turn; `undelivered`: it was queued when the process ended, and never
   * reached Claude.
   */
  state: 'sent' | 'queued' | 'undelivered';
  /** `history`: the session is gone, and the prompt is known from `history.jsonl`. */
  source: 'transcript' | 'history';
}

/** The time of a prompt for sorting: one without a time comes last. */
export function promptTime({ timestamp }: PromptRecord): number {
  return timestamp === null ? -Infinity : Date.parse(timestamp);
}
