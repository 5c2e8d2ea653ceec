/** The library's public face. Importing it reads nothing, registers nothing and starts nothing. */
export { CcsessError, type ErrorCode } from './claude/errors.js';
export type { ConfigDir, Live, Problem } from './claude/model.js';
export type { SessionKind, SessionRecord, TitleSource, Tokens } from './session-index/record.js';
export type { ProjectRecord } from './sessions/projects.js';
export type { SessionMessage } from './transcript/message.js';
