/**
 * Returns the two entries that set a title, in the order and with the keys of Claude Code's `/rename` and `--name`: one
 * for lists and `--resume <name>`, one for the frame of its UI. `null` removes the title. Append both in one write
 * (docs/storage.md, "Titles").
 */
export function titleEntries(sessionId: string, title: string | null): object[] {
  const text = title ?? '';
  return [
    { type: 'custom-title', customTitle: text, sessionId },
    { type: 'agent-name', agentName: text, sessionId },
  ];
}

/**
 * Returns the entry that tags a session, as the Agent SDK writes it; `null` removes the tag (docs/storage.md, "Tags").
 */
export function tagEntry(sessionId: string, tag: string | null): object {
  return { type: 'tag', tag: tag ?? '', sessionId };
}
