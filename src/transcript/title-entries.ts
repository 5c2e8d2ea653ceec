/**
 * The two entries a title is given with, in the order and with the keys of Claude Code's `/rename` and `--name`: one
 * for lists and for `--resume <name>`, one for the frame of its UI. `null` takes the title away. Append them in one
 * write. Source: docs/storage.md, "Titles".
 */
export function titleEntries(sessionId: string, title: string | null): object[] {
  const text = title ?? '';
  return [
    { type: 'custom-title', customTitle: text, sessionId },
    { type: 'agent-name', agentName: text, sessionId },
  ];
}

/**
 * The entry that tags a session, as the Agent SDK writes it; `null` takes the tag away. Source: docs/storage.md,
 * "Tags".
 */
export function tagEntry(sessionId: string, tag: string | null): object {
  return { type: 'tag', tag: tag ?? '', sessionId };
}
