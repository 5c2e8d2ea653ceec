import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ccsess, type Run } from './built.js';
import { openClaudeLab, type ClaudeLab } from './claude-lab.js';
import { snapshot, type Snapshot } from './trees.js';

/** Needed by `claude -p` to make checkpoints and by `--rewind-files` to restore them, not by Claude Code's screen. */
const CHECKPOINTING = { CLAUDE_CODE_ENABLE_SDK_FILE_CHECKPOINTING: '1' };

/** Times are kept, since they say whether a file was written after the session. */
const COPY = { recursive: true, preserveTimestamps: true };

/** Flags that let Claude Code use its tools without a question. */
export const TOOLS = ['--allowedTools', 'Bash,Edit,Write,Read'];

/** Returns the text of a prompt whose answers call these tools. */
export function script(text: string, ...steps: object[]): string {
  return `${text}\nscript: ${JSON.stringify(steps)}`;
}

/** Returns a step that calls a tool. */
function tool(name: string, input: object): object {
  return { tools: [{ name, input }] };
}

/** Returns a step that runs a command. */
function bash(command: string): object {
  return tool('Bash', { command, description: 'A command' });
}

/** A state of a session that `ccsess checkpoints` lists. */
export interface ListedState {
  prompt: number;
  messageUuid: string;
  text: string;
}

/**
 * A place where the real Claude Code makes checkpoints, with a folder that is not the session's. States of all files
 * are saved by name and brought back in the same place, since the paths in a session are absolute.
 */
export class RewindLab {
  readonly outside: string;
  readonly #saved: string;

  private constructor(readonly lab: ClaudeLab) {
    this.#saved = join(dirname(lab.work), 'saved');
    this.outside = join(dirname(lab.work), 'outside');
    mkdirSync(this.outside);
  }

  static async open(): Promise<RewindLab> {
    return new RewindLab(await openClaudeLab());
  }

  /** Path of a file of the work folder. */
  file(path: string): string {
    return join(this.lab.work, path);
  }

  /** A step that writes a file of the work folder, or of an absolute path. */
  write(path: string, content: string): object {
    return tool('Write', { file_path: path.startsWith('/') ? path : this.file(path), content });
  }

  read(path: string): object {
    return tool('Read', { file_path: this.file(path) });
  }

  edit(path: string, old: string, now: string): object {
    return tool('Edit', { file_path: this.file(path), old_string: old, new_string: now });
  }

  /** Runs `claude -p`, and returns the id of its session. */
  async prompt(text: string, ...flags: string[]): Promise<string> {
    const args = ['--output-format', 'json', '--add-dir', this.outside, ...TOOLS];
    const { code, stdout, stderr } = await this.claude('-p', text, ...flags, ...args);
    if (code !== 0 || stderr !== '') throw new Error(`claude ended with ${code}: ${stderr}`);
    return (JSON.parse(stdout) as { session_id: string }).session_id;
  }

  /** Runs `claude` with checkpointing. */
  claude(...args: string[]): Promise<Run> {
    return this.lab.run(args, { env: CHECKPOINTING });
  }

  /** Runs ccsess in the work folder. */
  ccsess(...args: string[]): Promise<Run> {
    const { home, configDir, work } = this.lab;
    return ccsess(args, { home, env: { CLAUDE_CONFIG_DIR: configDir }, cwd: work });
  }

  /** The states that a session can be rewound to, the first one first. */
  async states(session: string): Promise<ListedState[]> {
    const { stdout } = await this.ccsess('checkpoints', session, '--json');
    return (JSON.parse(stdout) as { checkpoints: ListedState[] }).checkpoints;
  }

  /**
   * Makes a session of five prompts that edit, create, delete and rename files, by Bash too, among them a binary one,
   * one outside and changed permissions; saves the state after each prompt under its number. Returns its id.
   */
  async makeSession(): Promise<string> {
    writeFileSync(this.file('old.txt'), 'first\nsecond\n', { mode: 0o640 });
    writeFileSync(this.file('untracked.txt'), 'as it was\n');
    const prompts = [
      [this.write('text.txt', 'one\ntwo\n'), this.write('run.sh', '#!/bin/sh\n'), bash('chmod 755 run.sh')],
      [
        this.read('text.txt'),
        this.edit('text.txt', 'two', 'three'),
        this.read('old.txt'),
        this.edit('old.txt', 'second', 'changed'),
        this.write('sub/deep/data.bin', 'a\u0000\u0001\u001b[31m\u00ff\r\n'),
        this.write(join(this.outside, 'made.txt'), 'outside\n'),
      ],
      [
        bash('rm text.txt; chmod 600 old.txt; echo x >> untracked.txt'),
        bash(String.raw`printf '\000\377\n\200' > sub/deep/data.bin`),
      ],
      [this.write('text.txt', 'again\n'), this.write('later.md', '# Later\n'), bash('mv old.txt renamed.txt')],
      [this.read('later.md'), this.edit('later.md', 'Later', 'Last'), bash('rm -r sub; chmod 700 run.sh')],
    ];
    let id = '';
    for (const [at, steps] of prompts.entries()) {
      const text = script(PROMPTS[at] ?? '', ...steps);
      id = await this.prompt(text, ...(id === '' ? [] : ['--resume', id]));
      this.save(String(at + 1));
    }
    return id;
  }

  get #folders(): string[] {
    return [this.lab.work, this.outside];
  }

  save(state: string): void {
    for (const folder of [...this.#folders, this.lab.configDir])
      cpSync(folder, join(this.#saved, state, basename(folder)), COPY);
  }

  /** Brings back all that was saved. */
  reset(state: string): void {
    rmSync(this.lab.configDir, { recursive: true, force: true });
    cpSync(join(this.#saved, state, basename(this.lab.configDir)), this.lab.configDir, COPY);
    this.resetFiles(state);
  }

  /** Brings back the files of the work folder and outside. */
  resetFiles(state: string): void {
    for (const folder of this.#folders) {
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(this.#saved, state, basename(folder)), folder, COPY);
    }
  }

  /** Everything that a rewind can touch, without times: neither program keeps those. */
  tree(): Snapshot {
    return Object.fromEntries(
      this.#folders.flatMap((folder) =>
        Object.entries(snapshot(folder)).map(([path, state]) => [
          join(basename(folder), path),
          state.replace(/^file (\d+) \d+ /, 'file $1 '),
        ]),
      ),
    );
  }
}

/** The first words of the prompts of `makeSession`. */
const PROMPTS = ['Create', 'Edit', 'Delete files', 'Recreate', 'Finish'] as const;
