import type { Catalog } from './find/catalog.js';
import type { Entry } from './find/entry.js';
import type { UserCommand } from './keys/key-map.js';
import type { Change, Changed, PickerServices } from './services.js';
import type { Status } from './state.js';

/** The parts of a picker that its tasks change. */
export interface TaskHost {
  /** Shows a result; null removes it. */
  report(status: Status | null): void;
  /** Shows sessions that were read again, with the one at path `select` selected; removes marks unless `keepsMarks`. */
  show(catalog: Catalog, select: string | undefined, keepsMarks: boolean): void;
  /** Leaves the picker without a choice. */
  leave(): void;
  /** Ends the picker with an error. */
  fail(error: unknown): void;
  /** The key that undoes, as a person reads it. */
  undoKey: string;
}

/** Tasks of a picker that take time: changes and undo, other programs, the viewer, reading sessions again. */
export class Tasks {
  readonly #services: PickerServices;
  readonly #host: TaskHost;
  #isBusy = false;
  /** Counts the times that sessions were read, so that an older reading does not replace a newer one. */
  #readings = 0;
  #isOver = false;
  #undo: (() => Promise<Changed>) | null = null;

  constructor(services: PickerServices, host: TaskHost) {
    this.#services = services;
    this.#host = host;
  }

  /** True while a task runs that delays keys. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Ends the tasks; nothing is shown or reported afterwards. */
  end(): void {
    this.#isOver = true;
  }

  change(change: Change, targets: readonly Entry[]): void {
    this.#run(() => this.#services.change(change, targets));
  }

  undoLast(): void {
    if (this.#undo === null) this.#host.report({ text: 'Nothing to undo.', isError: true });
    else this.#run(this.#undo);
  }

  runCommand(command: UserCommand, entry: Entry): void {
    this.#start(async () => {
      const failure = await this.#services.runCommand(command, entry);
      await this.#reload(failure === null ? null : { text: failure, isError: true });
    });
  }

  /** Shows the conversation until the reader leaves it, and forks the session if the reader chose that. */
  view(entry: Entry, canFork: boolean): void {
    this.#start(async () => {
      const result = await this.#services.view(entry, canFork);
      if (result.type === 'interrupted') this.#host.leave();
      else if (result.type === 'fork') {
        this.#isBusy = false;
        this.change({ kind: 'fork', prompt: result.prompt }, [entry]);
      } else await this.#reload(result.type === 'failed' ? { text: result.text, isError: true } : null);
    });
  }

  reload(): void {
    this.#start(() => this.#reload(null, { isFresh: true }));
  }

  /** Reads the sessions again in the background; keys are handled meanwhile. */
  refresh(): void {
    if (this.#isBusy || this.#isOver) return;
    const reading = ++this.#readings;
    this.#guard(async () => {
      const catalog = await this.#services.reload(false);
      if (!this.#isOver && reading === this.#readings) this.#host.show(catalog, undefined, true);
    });
  }

  /** Makes a change, then shows the sessions in their new state. */
  #run(task: () => Promise<Changed>): void {
    this.#isBusy = true;
    this.#host.report({ text: 'Working …', isError: false });
    // After the next frame, which shows that work is going to be done.
    setTimeout(() =>
      this.#start(async () => {
        const { text, isError, undo, select } = await task();
        if (undo !== null || !isError) this.#undo = undo;
        const hint = undo === null ? '' : `  (${this.#host.undoKey}: undo)`;
        await this.#reload({ text, hint, isError }, { select, keepsMarks: isError });
      }),
    );
  }

  #start(task: () => Promise<void>): void {
    this.#isBusy = true;
    this.#guard(task);
  }

  #guard(task: () => Promise<void>): void {
    task().catch((error: unknown) => this.#host.fail(error));
  }

  async #reload(
    status: Status | null,
    {
      select,
      keepsMarks = true,
      isFresh = false,
    }: { select?: string | undefined; keepsMarks?: boolean; isFresh?: boolean } = {},
  ): Promise<void> {
    this.#readings++;
    const catalog = await this.#services.reload(isFresh);
    if (this.#isOver) return;
    this.#isBusy = false;
    this.#host.report(status);
    this.#host.show(catalog, select, keepsMarks);
  }
}
