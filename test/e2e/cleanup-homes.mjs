/** Ages in days of the sessions that each home holds, one with `entrypoint` cli and one with claude-desktop. */
export const AGES = [1, 4, 8, 12, 22, 35, 45, 65, 95, 150, 400];

const user = (settings, age) => ({
  'configDir/settings.json': { text: text(settings), ...(age !== undefined && { age }) },
});
const managed = (settings) => ({ 'managed/managed-settings.json': text(settings) });
const dropIn = (name, settings) => ({ [`managed/managed-settings.d/${name}`]: text(settings) });
const project = (settings) => ({ 'work/.claude/settings.json': text(settings) });
const local = (settings) => ({ 'work/.claude/settings.local.json': text(settings) });
const text = (settings) => (typeof settings === 'string' ? settings : JSON.stringify(settings));
const days = (cleanupPeriodDays) => ({ cleanupPeriodDays });
const BOM = '\uFEFF';

const idOf = (n) => `bbbbbbbb-0000-4000-8000-${String(n).padStart(12, '0')}`;
/** A line with an entrypoint; null leaves it out. */
const line = (n, entrypoint, members = {}) =>
  `${JSON.stringify({
    type: 'user',
    uuid: `${idOf(n).slice(0, 35)}f`,
    parentUuid: null,
    isSidechain: false,
    sessionId: idOf(n),
    cwd: '/nowhere',
    timestamp: '2026-09-01T00:00:00.000Z',
    message: { role: 'user', content: 'hello' },
    ...(entrypoint !== null && { entrypoint }),
    ...members,
  })}\n`;
/** Old transcripts by number, from their texts. */
const transcripts = (texts, age = 60) =>
  Object.fromEntries(Object.entries(texts).map(([n, text]) => [`projectDir/${idOf(n)}.jsonl`, { text, age }]));
const paths = (...numbers) => numbers.map((n) => `projectDir/${idOf(n)}.jsonl`);
const filler = (n, bytes) => line(n, 'cli', { message: { role: 'user', content: 'x'.repeat(bytes) } });
/** Files of the side folder of session `n`, all of one age. */
const side = (n, names, age = 60) =>
  Object.fromEntries(names.map((name) => [`projectDir/${idOf(n)}/${name}`, { text: 'x', age }]));

/** Names in a side folder that are deleted at their own age; all others stay as long as the transcript. */
const ALONE = [
  'tool-results/a.txt',
  'tool-results/sub/b.txt',
  'mcp-tasks/a.json',
  'ccr-tip.json',
  'precompact.json',
  'sent-prefix.json',
  'resume-head.jsonl',
  'auto-mode-dump.1.json',
];
const WITH_TRANSCRIPT = [
  'custom-title.json',
  'archived.json',
  'subagents/agent-a.jsonl',
  'subagents/workflows/w/journal.jsonl',
  'workflows/w.json',
  'remote-agents/a.json',
  'before-cleanup/1-00000000.jsonl.replaced',
  'other.txt',
  'a.cast',
  'tool-results/sub/deep/c.txt',
  'mcp-tasks/a.txt',
];

/**
 * Homes and what Claude Code 2.1.332 deletes in them. `days` is the age from which plain sessions are deleted, null if
 * none are, or 'no start' if Claude Code does not even start. `desktopDays` is the same for sessions of Claude Desktop;
 * if it is left out, those stay.
 */
export const HOMES = [
  { name: 'none', files: {}, days: 30 },
  { name: 'user-10', files: user(days(10)), days: 10 },
  { name: 'user-365', files: user(days(365)), days: 365 },
  { name: 'user-1', files: user(days(1.0)), days: 1 },
  { name: 'user-fraction', files: user(days(1.5)), days: null },
  { name: 'user-zero', files: user(days(0)), days: null },
  { name: 'user-text', files: user('{"cleanupPeriodDays":"10"}'), days: null },
  { name: 'user-null', files: user('{"cleanupPeriodDays":null}'), days: null },
  { name: 'user-1e1', files: user('{"cleanupPeriodDays":1e1}'), days: 10 },
  { name: 'user-huge', files: user('{"cleanupPeriodDays":1e12}'), days: null },
  { name: 'user-bom', files: user(`${BOM}{"cleanupPeriodDays":10}`), days: 10 },
  { name: 'user-two-boms', files: user(`${BOM}${BOM}{"cleanupPeriodDays":10}`), days: null },
  { name: 'user-bom-only', files: user(BOM), days: 30 },
  { name: 'user-empty-new', files: user(''), days: null },
  { name: 'user-empty-old', files: user('', 40), days: 30 },
  { name: 'user-blank-new', files: user(' \n'), days: 30 },
  { name: 'user-empty-project', files: { ...user(''), ...project(days(10)) }, days: 10, project: true },
  { name: 'user-broken', files: user('{'), days: null },
  { name: 'user-array', files: user('[]'), days: null },
  { name: 'user-comment', files: user('{"cleanupPeriodDays":10} // x'), days: null },
  { name: 'user-trailing-comma', files: user('{"cleanupPeriodDays":10,}'), days: null },
  { name: 'user-twice', files: user('{"cleanupPeriodDays":90,"cleanupPeriodDays":10}'), days: 10 },
  {
    name: 'user-utf16',
    files: { 'configDir/settings.json': { text: Buffer.from('\uFEFF{"cleanupPeriodDays":10}', 'utf16le') } },
    days: 10,
  },
  { name: 'user-folder', files: { 'configDir/settings.json': { folder: true } }, days: null },
  { name: 'user-unknown-key', files: user({ ...days(10), banana: 1 }), days: 10 },
  { name: 'user-permissions-text', files: user({ ...days(10), permissions: 'x' }), days: null },
  { name: 'user-permissions-text-no-days', files: user({ permissions: 'x' }), days: 30 },
  { name: 'user-env-array', files: user({ ...days(10), env: [] }), days: null },
  { name: 'user-model-number', files: user({ ...days(10), model: 5 }), days: null },
  { name: 'user-rule-bad', files: user({ ...days(10), permissions: { allow: ['Bash('] } }), days: 10 },
  { name: 'user-hooks-bad', files: user({ ...days(10), hooks: { Nope: [] } }), days: 10 },
  { name: 'user-desktop-40', files: user({ desktopSessionCleanupPeriodDays: 40 }), days: 30, desktopDays: 40 },
  {
    name: 'user-desktop-10',
    files: user({ ...days(20), desktopSessionCleanupPeriodDays: 10 }),
    days: 20,
    desktopDays: 20,
  },
  { name: 'user-desktop-0', files: user({ ...days(20), desktopSessionCleanupPeriodDays: 0 }), days: 20 },
  { name: 'user-desktop-bad', files: user({ ...days(20), desktopSessionCleanupPeriodDays: -1 }), days: null },
  { name: 'user-desktop-bad-no-days', files: user({ desktopSessionCleanupPeriodDays: 'x' }), days: null },
  { name: 'project-10', files: { ...user(days(90)), ...project(days(10)) }, days: 10, project: true },
  { name: 'project-broken', files: { ...user(days(10)), ...project('{') }, days: null, project: true },
  { name: 'project-broken-none', files: project('{'), days: null, project: true },
  {
    name: 'project-bad-key',
    files: { ...user(days(10)), ...project({ permissions: 'x' }) },
    days: null,
    project: true,
  },
  { name: 'project-bad-key-no-days', files: project({ permissions: 'x' }), days: 30, project: true },
  { name: 'project-empty', files: { ...user(days(10)), ...project('') }, days: 10, project: true },
  {
    name: 'project-desktop-40',
    files: { ...user(days(20)), ...project({ desktopSessionCleanupPeriodDays: 40 }) },
    days: 20,
    project: true,
  },
  { name: 'local-20', files: { ...user(days(90)), ...project(days(10)), ...local(days(20)) }, days: 20, project: true },
  { name: 'managed-10', files: { ...user(days(90)), ...managed(days(10)) }, days: 10, desktopDays: 10 },
  {
    name: 'managed-90-project-10',
    files: { ...project(days(10)), ...managed(days(90)) },
    days: 90,
    desktopDays: 90,
    project: true,
  },
  { name: 'managed-empty', files: { ...user(days(10)), ...managed('') }, days: 10 },
  { name: 'managed-bom', files: managed(`${BOM}{"cleanupPeriodDays":10}`), days: 10, desktopDays: 10 },
  { name: 'managed-broken', files: { ...user(days(10)), ...managed('{') }, days: 'no start' },
  { name: 'managed-zero', files: { ...user(days(10)), ...managed(days(0)) }, days: 10, desktopDays: 10 },
  { name: 'managed-zero-alone', files: managed(days(0)), days: 30, desktopDays: 30 },
  {
    name: 'managed-text',
    files: { ...user(days(10)), ...managed('{"cleanupPeriodDays":"20"}') },
    days: 10,
    desktopDays: 10,
  },
  { name: 'managed-other-bad', files: { ...user(days(10)), ...managed({ permissions: 'x' }) }, days: 10 },
  { name: 'managed-10-user-broken', files: { ...user('{'), ...managed(days(10)) }, days: 10, desktopDays: 10 },
  {
    name: 'managed-desktop-40',
    files: { ...user(days(20)), ...managed({ desktopSessionCleanupPeriodDays: 40 }) },
    days: 20,
    desktopDays: 40,
  },
  { name: 'drop-in-10', files: { ...user(days(90)), ...dropIn('10-x.json', days(10)) }, days: 10, desktopDays: 10 },
  {
    name: 'drop-in-90-base-10',
    files: { ...managed(days(10)), ...dropIn('10-x.json', days(90)) },
    days: 90,
    desktopDays: 90,
  },
  {
    name: 'drop-in-10-base-90',
    files: { ...managed(days(90)), ...dropIn('10-x.json', days(10)) },
    days: 10,
    desktopDays: 10,
  },
  {
    name: 'drop-ins-two',
    files: { ...dropIn('20-x.json', days(20)), ...dropIn('10-x.json', days(90)) },
    days: 20,
    desktopDays: 20,
  },
  {
    name: 'drop-in-hidden',
    files: {
      ...user(days(90)),
      ...dropIn('.x.json', days(10)),
      ...dropIn('x.json.bak', days(10)),
      ...dropIn('X.JSON', days(10)),
    },
    days: 90,
  },
  { name: 'drop-in-nested', files: { ...user(days(90)), ...dropIn('a/x.json', days(10)) }, days: 90 },
  { name: 'drop-in-broken', files: { ...user(days(10)), ...dropIn('x.json', '{') }, days: 'no start' },
  {
    name: 'drop-in-zero-base-20',
    files: { ...managed(days(20)), ...dropIn('x.json', days(0)) },
    days: 20,
    desktopDays: 20,
  },
  { name: 'drop-in-empty', files: { ...user(days(10)), ...dropIn('x.json', '') }, days: 10 },
  { name: 'empty-1h', files: user('', 1 / 24), days: null },
  { name: 'empty-29d', files: user('', 29), days: null },
  { name: 'empty-31d', files: user('', 31), days: 30 },
  { name: 'empty-future', files: user('', -2), days: 30 },
  { name: 'empty-managed-20', files: { ...user(''), ...managed(days(20)) }, days: 20, desktopDays: 20 },
  { name: 'empty-managed-bad', files: { ...user(''), ...managed(days(0)) }, days: 30, desktopDays: 30 },
  { name: 'empty-local', files: { ...user(''), ...local(days(20)) }, days: 20, project: true },
  { name: 'key-verbose', files: user({ ...days(10), verbose: 'yes' }), days: null },
  { name: 'key-verbose-true', files: user({ ...days(10), verbose: 'true' }), days: null },
  { name: 'key-artifact', files: user({ ...days(10), enableArtifact: 'yes' }), days: null },
  { name: 'key-artifact-true', files: user({ ...days(10), enableArtifact: 'true' }), days: null },
  { name: 'key-artifact-null', files: user({ ...days(10), enableArtifact: null }), days: 10 },
  { name: 'key-workflows', files: user({ ...days(10), disableWorkflows: 5 }), days: null },
  { name: 'key-strict', files: user({ ...days(10), strictKnownMarketplaces: 'x' }), days: null },
  { name: 'key-language', files: user({ ...days(10), language: 5 }), days: null },
  { name: 'key-rate', files: user({ ...days(10), feedbackSurveyRate: 'x' }), days: null },
  { name: 'key-tui', files: user({ ...days(10), tui: 'zz' }), days: null },
  { name: 'key-teammate', files: user({ ...days(10), teammateMode: 5 }), days: 10 },
  { name: 'key-hooks', files: user({ ...days(10), hooks: 'x' }), days: 10 },
  { name: 'key-hooks-guard', files: user({ ...days(10), hooks: { PreToolUse: 'x' } }), days: null },
  { name: 'key-hooks-other', files: user({ ...days(10), hooks: { Stop: 'x' } }), days: 10 },
  { name: 'key-env-number', files: user({ ...days(10), env: { A: 1 } }), days: 10 },
  { name: 'key-env-object', files: user({ ...days(10), env: { A: {} } }), days: 10 },
  { name: 'key-allow-text', files: user({ ...days(10), permissions: { allow: 'x' } }), days: null },
  { name: 'key-mode', files: user({ ...days(10), permissions: { defaultMode: 'zz' } }), days: null },
  { name: 'key-status-line', files: user({ ...days(10), statusLine: { type: 'command' } }), days: null },
  { name: 'key-models-number', files: user({ ...days(10), availableModels: [5] }), days: null },
  {
    name: 'managed-folder',
    files: { ...user(days(10)), 'managed/managed-settings.json': { folder: true } },
    days: null,
  },
  { name: 'managed-array', files: { ...user(days(10)), ...managed('[]') }, days: 'no start' },
  { name: 'managed-fraction', files: { ...user(days(10)), ...managed(days(1.5)) }, days: 10, desktopDays: 10 },
  {
    name: 'managed-desktop-bad',
    files: { ...user(days(10)), ...managed({ desktopSessionCleanupPeriodDays: -1 }) },
    days: 10,
    desktopDays: 10,
  },
  {
    name: 'managed-desktop-0-user-40',
    files: { ...user({ desktopSessionCleanupPeriodDays: 40 }), ...managed({ desktopSessionCleanupPeriodDays: 0 }) },
    days: 30,
  },
  {
    name: 'managed-user-desktop-40',
    files: { ...user({ desktopSessionCleanupPeriodDays: 40 }), ...managed(days(20)) },
    days: 20,
    desktopDays: 20,
  },
  { name: 'drop-in-broken-base-10', files: { ...managed(days(10)), ...dropIn('x.json', '{') }, days: 'no start' },
  {
    name: 'drop-in-utf16',
    files: { 'managed/managed-settings.d/x.json': { text: Buffer.from('\uFEFF{"cleanupPeriodDays":10}', 'utf16le') } },
    days: 10,
    desktopDays: 10,
  },
  { name: 'drop-ins-are-a-file', files: { ...user(days(10)), 'managed/managed-settings.d': 'x' }, days: 10 },
  { name: 'user-large', files: user({ ...days(10), language: 'x'.repeat(2_100_000) }), days: null },
  { name: 'user-desktop-fraction', files: user({ desktopSessionCleanupPeriodDays: 1.5 }), days: null },
  {
    name: 'project-days-user-bad-key',
    files: { ...user({ permissions: 'x' }), ...project(days(10)) },
    days: null,
    project: true,
  },
  {
    name: 'project-desktop-bad',
    files: { ...user(days(10)), ...project({ desktopSessionCleanupPeriodDays: -1 }) },
    days: null,
    project: true,
  },
  {
    name: 'project-desktop-bad-none',
    files: project({ desktopSessionCleanupPeriodDays: -1 }),
    days: 30,
    project: true,
  },
  {
    name: 'desktop-kinds',
    days: 30,
    files: transcripts({
      1: line(1, 'claude-desktop-3p'),
      2: line(2, 'local-agent'),
      3: line(3, 'local_agent'),
      4: line(4, 'claude-vscode'),
      5: line(5, 'remote'),
      6: line(6, null),
      7: line(7, 'cli') + line(7, 'claude-desktop'),
      8: line(8, 'claude-desktop') + line(8, 'cli'),
      9: line(9, 'cli') + line(9, 'claude-desktop') + line(9, 'cli'),
      10: filler(10, 150_000) + line(10, 'claude-desktop') + filler(10, 150_000) + line(10, 'cli'),
      11: filler(11, 150_000) + line(11, 'claude-desktop'),
      12: line(12, 'claude-desktop') + filler(12, 150_000) + line(12, 'cli'),
      13: line(13, 'claude-desktop', { type: 'mode' }) + line(13, 'cli'),
      14: `{broken\n${line(14, 'claude-desktop')}${line(14, 'cli')}`,
      15: line(15, 'claude-desktop').replace('"entrypoint":', '"entrypoint": ') + line(15, 'cli'),
      16: line(16, null, { message: { role: 'user', content: 'x', entrypoint: 'claude-desktop' } }) + line(16, 'cli'),
      17: line(17, 5) + line(17, 'claude-desktop'),
      18: `${line(18, 'cli')}{"entrypoint":"claude-desktop"`,
      19: line(19, 'CLAUDE-DESKTOP'),
    }),
    deleted: paths(4, 5, 6, 9, 10, 16, 18, 19),
  },
  {
    name: 'desktop-empty-files',
    days: 30,
    files: { ...transcripts({ 1: '', 2: '', 3: '\n' }), ...side(2, ['other.txt']) },
    deleted: [...paths(2, 3), ...Object.keys(side(2, ['other.txt']))],
  },
  {
    name: 'desktop-empty-governed',
    days: 30,
    desktopDays: 30,
    files: { ...transcripts({ 1: '' }), ...managed(days(30)) },
    deleted: paths(1),
  },
  {
    name: 'desktop-empty-ceiling',
    days: 30,
    desktopDays: 50,
    files: { ...transcripts({ 1: '' }), ...user({ desktopSessionCleanupPeriodDays: 50 }) },
    deleted: paths(1),
  },
  {
    name: 'desktop-released',
    days: 30,
    files: {
      ...transcripts(Object.fromEntries([1, 2, 3, 4, 5].map((n) => [n, line(n, 'claude-desktop')]))),
      [`projectDir/${idOf(1)}.desktop-released.json`]: { text: '{"reason":"delete"}', age: 1 },
      [`projectDir/${idOf(2)}.desktop-released.json`]: { text: '{"reason":"archive"}', age: 40 },
      [`projectDir/${idOf(3)}.desktop-released.json`]: { text: '{"reason":"archive"}', age: 1 },
      [`projectDir/${idOf(4)}.desktop-released.json`]: { text: '{"reason":', age: 40 },
      [`projectDir/${idOf(5)}.desktop-released.json`]: { text: '{"reason":"other"}', age: 40 },
    },
    deleted: [
      ...paths(1, 2),
      `projectDir/${idOf(1)}.desktop-released.json`,
      `projectDir/${idOf(2)}.desktop-released.json`,
    ],
  },
  {
    name: 'desktop-parts',
    days: 30,
    files: {
      ...transcripts({ 1: line(1, 'claude-desktop') }),
      ...side(1, [...ALONE, ...WITH_TRANSCRIPT]),
      [`configDir/file-history/${idOf(1)}/h@v1`]: { text: 'x', age: 60 },
      [`configDir/file-history/${idOf(1)}`]: { folder: true, age: 60 },
    },
    deleted: [
      ...Object.keys(side(1, ALONE)),
      `configDir/file-history/${idOf(1)}/h@v1`,
      `configDir/file-history/${idOf(1)}`,
    ],
  },
  {
    name: 'parts-of-fresh',
    days: 30,
    files: { ...transcripts({ 1: line(1, 'cli') }, 1), ...side(1, [...ALONE, ...WITH_TRANSCRIPT]) },
    deleted: Object.keys(side(1, ALONE)),
  },
  {
    name: 'parts-of-old',
    days: 30,
    files: { ...transcripts({ 1: line(1, 'cli') }), ...side(1, [...ALONE, ...WITH_TRANSCRIPT], 1) },
    deleted: [...paths(1), ...Object.keys(side(1, [...ALONE, ...WITH_TRANSCRIPT]))],
  },
  {
    name: 'parts-of-none',
    days: 30,
    files: { ...side(1, [...ALONE, ...WITH_TRANSCRIPT]), ...side(2, [...ALONE, ...WITH_TRANSCRIPT], 1) },
    deleted: Object.keys(
      side(1, [...ALONE, ...WITH_TRANSCRIPT.filter((name) => !/^(other|a\.cast|tool-results|mcp-tasks)/.test(name))]),
    ),
  },
  {
    name: 'siblings',
    days: 30,
    files: {
      ...transcripts({ 1: line(1, 'cli') }, 1),
      ...transcripts({ 2: line(2, 'cli') }),
      ...Object.fromEntries(
        [1, 2].flatMap((n) =>
          ['ccr-tip.json', 'precompact.json', 'cast', 'dir-sync.json', 'txt'].map((end) => [
            `projectDir/${idOf(n)}.${end}`,
            { text: 'x', age: n === 1 ? 60 : 1 },
          ]),
        ),
      ),
      'projectDir/agent-a.jsonl': { text: line(3, 'claude-desktop'), age: 60 },
      'projectDir/agent-b.jsonl': { text: line(3, 'cli'), age: 60 },
    },
    deleted: [
      ...paths(2),
      ...['ccr-tip.json', 'precompact.json', 'cast', 'dir-sync.json'].map((end) => `projectDir/${idOf(1)}.${end}`),
      ...['ccr-tip.json', 'precompact.json'].map((end) => `projectDir/${idOf(2)}.${end}`),
      'projectDir/agent-b.jsonl',
    ],
  },
];
