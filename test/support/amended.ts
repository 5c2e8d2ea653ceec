import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from '../../src/claude/model.js';
import type { System } from '../../src/system/system.js';
import { IDLE, run, type Outcome, type World } from './context.js';
import { addFile, answerLine, promptLine, temporaryHome } from './transcripts.js';

/** Ids of the sessions a test changes; `B` is in another project than `A`. */
export const [A, B] = ['3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33', 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21'] as const;

/** Modification time of all files that a test starts with. */
export const OLD = new Date('2026-11-20T10:00:06.000Z');

/** A conversation of one turn. */
export const CONVERSATION = promptLine('Say hello') + answerLine('msg_1', 'hello');

/** A machine on which process 4242 runs. */
export const BUSY: System = { ...IDLE, pidExists: (pid) => pid === 4242 };

/** A home with sessions that a command changes, and access to their files. */
export class Home {
  readonly configDir: ConfigDir;

  /** `transcripts`: the text of each session's transcript, by `project/id`. */
  constructor(transcripts: Record<string, string>) {
    this.configDir = temporaryHome({});
    for (const [session, text] of Object.entries(transcripts)) this.put(`projects/${session}.jsonl`, text);
  }

  /** Writes a file below the config dir, with the modification time `OLD`. */
  put(name: string, text: string): string {
    const path = addFile(this.configDir.path, name, text);
    utimesSync(path, OLD, OLD);
    return path;
  }

  path(name: string): string {
    return join(this.configDir.path, name);
  }

  /** The text of a file; null if it does not exist. */
  read(name: string): string | null {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : null;
  }

  /** Modification time and permissions. */
  stat(name: string): { mtime: Date; mode: string } {
    const { mtime, mode } = statSync(this.path(name));
    return { mtime, mode: (mode & 0o777).toString(8) };
  }

  /** Registers process 4242 as the holder of a session. */
  hold(id: string): void {
    this.put(
      'sessions/4242.json',
      JSON.stringify({ pid: 4242, sessionId: id, startedAt: Date.now(), status: 'idle', kind: 'interactive' }),
    );
  }

  run(argv: readonly string[], world: World = {}): Promise<Outcome> {
    return run(argv, { configDirs: [this.configDir], ...world });
  }

  /** The first of the records a command prints with `--json`. */
  async record(argv: readonly string[], world: World = {}): Promise<Record<string, unknown>> {
    const { stdout } = await this.run([...argv, '--json'], world);
    const value = JSON.parse(stdout) as Record<string, unknown> | Record<string, unknown>[];
    return Array.isArray(value) ? (value[0] ?? {}) : value;
  }
}
