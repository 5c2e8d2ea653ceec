import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import type { ConfigDir } from '../../src/claude/model.js';
import { run, type Outcome, type World } from './context.js';
import { emptyConfigDir, PROJECT, writeSession } from './trees.js';

/** Id of the session of every `Removable`. */
export const ID = 'aaaaaaaa-0000-4000-8000-000000000001';

/** The time of its entries. */
export const REMOVED_AT = '2026-09-01T10:00:00.000Z';

/** A config dir with one session to be removed and restored; it is deleted when the test ends. */
export class Removable {
  readonly configDir = emptyConfigDir();
  /** The text of its transcript as it was made. */
  readonly before: string;

  constructor() {
    onTestFinished(() => rmSync(this.configDir, { recursive: true, force: true }));
    writeSession(this.configDir, ID, REMOVED_AT);
    this.before = readFileSync(this.transcript, 'utf8');
  }

  get configDirs(): ConfigDir[] {
    return resolveConfigDirs({ explicit: [this.configDir], env: {}, home: '/nowhere', cwd: '/' });
  }

  get transcript(): string {
    return join(this.configDir, 'projects', PROJECT, `${ID}.jsonl`);
  }

  /** The text of its transcript now. */
  get text(): string {
    return readFileSync(this.transcript, 'utf8');
  }

  /** Uuid of the last entry as it was made. */
  get tip(): string {
    return (JSON.parse(this.before.trimEnd().split('\n').at(-1) ?? '') as { uuid: string }).uuid;
  }

  /** Writes a transcript at the session's path; returns its text. */
  write(...lines: string[]): string {
    writeFileSync(this.transcript, lines.join(''), { mode: 0o600 });
    return lines.join('');
  }

  /** Writes a file below the config dir. */
  put(name: string, text: string): void {
    const path = join(this.configDir, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text);
  }

  run(argv: readonly string[], world: World = {}): Promise<Outcome> {
    return run(argv, { configDirs: this.configDirs, home: '/nowhere', cwd: '/', ...world });
  }

  async isInTrash(): Promise<boolean> {
    return (JSON.parse((await this.run(['trash', '--json'])).stdout) as unknown[]).length === 1;
  }
}
