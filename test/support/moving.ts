import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { projectKey } from '../../src/claude/project-key.js';
import { addFile, answerLine, line, promptLine } from './transcripts.js';
import { temporaryFolder } from './temporary.js';

/** A home with sessions in folders of its own. */
export interface MovingHome {
  /** Real path; the config dir is `.claude` below it. */
  home: string;
  /** Absolute path of a folder of the home. */
  folder(name: string): string;
  /** Makes a folder. */
  make(name: string): string;
  /** Writes a session of a folder, with one prompt, one answer and then `lines`, and returns its transcript. */
  session(n: number, folder: string, lines?: readonly string[]): string;
  /** Path of a session's transcript, or of a file next to it, in the project dir of a folder. */
  at(folder: string, name: string): string;
  /**
   * Every file below `projects/` with its content, and every folder without content; `relocations: false` leaves out
   * the lines that record a move.
   */
  tree(options?: { relocations: boolean }): Record<string, string>;
  /** Modification times of all transcripts, by name. */
  times(): Record<string, number>;
}

/** Id of the n-th session. */
export function sessionId(n: number): string {
  return `0e0e0000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** Creates a home, which is removed when the test ends. */
export function movingHome(): MovingHome {
  const home = temporaryFolder('move');
  const projects = join(home, '.claude', 'projects');
  const folder = (name: string): string => join(home, name);
  const at: MovingHome['at'] = (name, file) => join(projects, projectKey(folder(name)), file);
  const paths = (): string[] =>
    readdirSync(projects, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => join(projects, name));
  return {
    home,
    folder,
    at,
    make(name) {
      mkdirSync(folder(name), { recursive: true });
      return folder(name);
    },
    session(n, name, lines = []) {
      const members = {
        cwd: folder(name),
        sessionId: sessionId(n),
        timestamp: new Date(Date.UTC(2026, 10, 20, 10, n)).toISOString(),
      };
      const path = at(name, `${sessionId(n)}.jsonl`);
      addFile(
        '/',
        path,
        [promptLine(`Prompt ${n}`, members), answerLine(`msg_${n}`, `Answer ${n}`, members), ...lines].join(''),
      );
      utimesSync(path, n, Date.UTC(2026, 10, 20, 11, n) / 1000);
      return path;
    },
    tree({ relocations } = { relocations: true }) {
      const isKept = (text: string): boolean => relocations || !text.includes('"type":"relocated"');
      return Object.fromEntries(
        paths().map((path) => {
          const content = statSync(path).isDirectory()
            ? ''
            : readFileSync(path, 'utf8').split('\n').filter(isKept).join('\n');
          return [relative(projects, path), content];
        }),
      );
    },
    times: () =>
      Object.fromEntries(
        paths()
          .filter((path) => path.endsWith('.jsonl'))
          .map((path) => [basename(path, '.jsonl'), statSync(path).mtimeMs]),
      ),
  };
}

/** The line that Claude Code appends to a session that is moved. */
export function relocated(n: number, cwd: string): string {
  return line({ type: 'relocated', sessionId: sessionId(n), relocatedCwd: cwd });
}

/** The line of a tool result whose output Claude Code saved to a file of the session. */
export function spilled(path: string): string {
  const content = [
    {
      type: 'tool_result',
      tool_use_id: 'toolu_1',
      content: `<persisted-output>\nFull output saved to: ${path}\n\nPreview: aaa`,
    },
  ];
  return promptLine('', {
    message: { role: 'user', content },
    toolUseResult: { stdout: 'aaa', persistedOutputPath: path, persistedOutputSize: 40_000 },
  });
}
