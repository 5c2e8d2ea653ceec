import { LineEditor } from '../line-editor.js';
import type { Frame, Screen, ScreenApp, ScreenControl, ScreenEvent } from '../screen.js';
import { cutRow } from '../frame/row.js';
import type { Size } from '../host.js';
import { Navigation } from './navigation.js';
import { Search } from './search.js';
import { TOOL_DETAILS, type ViewerSource, type ViewMode } from './source.js';
import { helpRows, statusRow } from './status.js';
import { ViewWindow } from './window.js';
import { Work } from './work.js';

/** The reason a viewer was closed. `prompt`: the number of the prompt to fork at. */
export type ViewerResult = { type: 'left' } | { type: 'interrupted' } | { type: 'fork'; prompt: number };

/** The initial state of a viewer. */
export interface ViewerOptions {
  mode: ViewMode;
  /** The block at the top; by default the end is shown. */
  start?: number;
  /** True if new messages are shown as they are written. */
  follow: boolean;
  /** True if the reader may ask for a fork. */
  canFork: boolean;
}

/** Time between two refreshes from the file, in milliseconds. */
const FOLLOW_MS = 500;

type Prompt = { type: 'search'; editor: LineEditor } | { type: 'fork'; prompt: number } | { type: 'help'; top: number };

/** Shows a source on a screen until the reader leaves. */
export function runViewer(screen: Screen, source: ViewerSource, options: ViewerOptions): Promise<ViewerResult> {
  return screen.run<ViewerResult>((control) => new Viewer(screen, control, source, options));
}

/** The viewer as an app of the screen: handles keys and draws frames. */
class Viewer implements ScreenApp {
  readonly #window: ViewWindow;
  readonly #navigation: Navigation;
  readonly #search: Search;
  readonly #canFork: boolean;
  #width: number;
  #prompt: Prompt | null = null;
  #note = '';
  #follows = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | null = null;
  readonly #work: Work;

  constructor(
    readonly screen: Screen,
    readonly control: ScreenControl<ViewerResult>,
    readonly source: ViewerSource,
    { mode, start, follow, canFork }: ViewerOptions,
  ) {
    this.#canFork = canFork;
    this.#work = new Work((error) => control.fail(error));
    const { columns, rows } = control.size;
    this.#width = columns;
    this.#window = new ViewWindow(source, mode, { width: columns, height: Math.max(1, rows - 1) });
    this.#navigation = new Navigation(this.#window, source);
    this.#search = new Search(this.#window);
    if (start === undefined) this.#window.goToEnd();
    else this.#window.goTo({ block: start, line: 0 });
    if (follow) this.#follow(true);
  }

  draw({ columns, rows }: Size): Frame {
    const window = this.#window;
    const height = Math.max(1, rows - 1);
    if (columns !== this.#width || height !== window.height) {
      window.change({ width: columns, height });
      this.#width = columns;
    }
    const search = this.#prompt?.type === 'search' ? this.#prompt.editor.view(Math.max(2, columns - 2)) : null;
    const status = statusRow({ ...this.#state(), search: search?.text ?? null }, columns);
    const space = { width: columns, height };
    if (this.#prompt?.type === 'help') return { rows: [...helpRows(this.#prompt.top, space), status], cursor: null };
    const lines = this.#search.rows().map((row) => cutRow(row, columns));
    const padded = [...lines, ...Array.from({ length: height - lines.length }, () => [])];
    const cursor = search === null ? null : { row: height, column: 1 + search.cursor };
    return { rows: [...padded, status].slice(-rows), cursor };
  }

  onEvent(event: ScreenEvent): void {
    if (event.type === 'end') return this.#close({ type: 'left' });
    if (event.type === 'focus') return;
    const wasRunning = this.#work.isRunning;
    this.#work.stop();
    this.#note = wasRunning ? 'Stopped.' : '';
    if (event.type === 'key' && wasRunning && (event.key === 'ctrl-c' || event.key === 'esc')) return;
    if (event.type === 'key' && event.key === 'ctrl-c') return this.#close({ type: 'interrupted' });
    // Letters typed fast arrive together, and one of them may open a question that the next ones answer.
    const events = event.type === 'text' ? [...event.text].map((text) => ({ type: 'text' as const, text })) : [event];
    for (const single of events) this.#handle(single);
  }

  #handle(event: ScreenEvent): void {
    if (this.#isClosed) return;
    if (this.#prompt !== null) this.#answer(this.#prompt, event);
    else if (event.type === 'key') this.#key(event.key);
    else if (event.type === 'text') this.#letter(event.text);
  }

  #state() {
    const { source } = this;
    return {
      title: source.title,
      prompt: this.#navigation.promptNumber(this.#search.position),
      prompts: source.prompts.length,
      isWhole: source.isWhole,
      isAtEnd: this.#window.isAtEnd,
      follows: this.#follows,
      note: this.#note,
      query: this.#search.query,
      isHelp: this.#prompt?.type === 'help',
      forkAt: this.#prompt?.type === 'fork' ? this.#prompt.prompt : null,
    };
  }

  #answer(prompt: Prompt, event: ScreenEvent): void {
    const key = event.type === 'key' ? event.key : '';
    if (prompt.type === 'help') {
      if (key === 'down' || key === 'page-down') prompt.top += 1;
      else if (key === 'up' || key === 'page-up') prompt.top = Math.max(0, prompt.top - 1);
      else this.#prompt = null;
      return;
    }
    if (prompt.type === 'fork') {
      this.#prompt = null;
      if (event.type === 'text' && event.text === 'y') this.#close({ type: 'fork', prompt: prompt.prompt });
      else this.#note = 'Not forked.';
      return;
    }
    if (key === 'enter') {
      this.#search.mark(prompt.editor.text);
      this.#prompt = null;
      this.#find(1, true);
    } else if (key === 'esc' || (key === 'backspace' && prompt.editor.isEmpty)) {
      this.#prompt = null;
      this.#search.mark('');
    } else prompt.editor.handle(event);
  }

  #key(key: string): void {
    const window = this.#window;
    const page = Math.max(1, window.height - 1);
    const half = Math.max(1, Math.floor(window.height / 2));
    const keys: Readonly<Record<string, () => void>> = {
      down: () => window.scroll(1),
      enter: () => window.scroll(1),
      up: () => this.#navigation.scrollUp(1),
      'page-down': () => window.scroll(page),
      'ctrl-f': () => window.scroll(page),
      'page-up': () => this.#navigation.scrollUp(page),
      'ctrl-b': () => this.#navigation.scrollUp(page),
      'ctrl-d': () => window.scroll(half),
      'ctrl-u': () => this.#navigation.scrollUp(half),
      home: () => this.#goToStart(),
      end: () => this.#goToEnd(),
      f1: () => void (this.#prompt = { type: 'help', top: 0 }),
      esc: () => (this.#search.query === '' ? this.#close({ type: 'left' }) : this.#search.mark('')),
    };
    keys[key]?.();
  }

  #letter(letter: string): void {
    const window = this.#window;
    const { mode } = window;
    const page = Math.max(1, window.height - 1);
    const letters: Readonly<Record<string, () => void>> = {
      q: () => this.#close({ type: 'left' }),
      j: () => window.scroll(1),
      k: () => this.#navigation.scrollUp(1),
      ' ': () => window.scroll(page),
      b: () => this.#navigation.scrollUp(page),
      d: () => window.scroll(Math.max(1, Math.floor(page / 2))),
      u: () => this.#navigation.scrollUp(Math.max(1, Math.floor(page / 2))),
      g: () => this.#goToStart(),
      G: () => this.#goToEnd(),
      '[': () => this.#jump(-1),
      ']': () => this.#jump(1),
      t: () => {
        const next = TOOL_DETAILS[(TOOL_DETAILS.indexOf(mode.tools) + 1) % TOOL_DETAILS.length] ?? 'folded';
        window.change({ mode: { ...mode, tools: next } });
        this.#note = `Tools: ${next}`;
      },
      T: () => {
        window.change({ mode: { ...mode, thinking: !mode.thinking } });
        this.#note = `Thinking: ${mode.thinking ? 'hidden' : 'shown'}`;
      },
      '/': () => void (this.#prompt = { type: 'search', editor: new LineEditor() }),
      n: () => this.#find(1),
      N: () => this.#find(-1),
      F: () => this.#follow(!this.#follows),
      f: () => this.#askFork(),
      y: () => this.#copyMessage(),
      I: () => this.#copy(this.source.id, 'session id'),
      Y: () => this.#copy(this.source.path, 'path of the transcript'),
      '?': () => void (this.#prompt = { type: 'help', top: 0 }),
    };
    letters[letter]?.();
  }

  #goToStart(): void {
    this.afterReadingAll(() => this.#window.goTo({ block: 0, line: 0 }));
  }

  #goToEnd(): void {
    this.#refresh();
    this.#window.goToEnd();
  }

  /** Runs an action that needs the whole conversation, after reading that. */
  afterReadingAll(action: () => void): void {
    if (this.source.isWhole) return action();
    this.#note = 'Reading the whole transcript… (Ctrl-C stops)';
    this.#work.run(this.source.complete(), (found) => {
      this.#note = '';
      this.#navigation.takeOver(found);
      action();
      this.control.redraw();
    });
  }

  #jump(step: 1 | -1): void {
    if (!this.#navigation.jump(step)) this.#note = step > 0 ? 'No later prompt.' : 'No earlier prompt.';
  }

  /** Goes to the next match in one direction; if there is none, in the other one if asked to. */
  #find(step: 1 | -1, orBack = false): void {
    const { query } = this.#search;
    if (query === '') return void (this.#note = 'Nothing to search for: type / first.');
    if (step < 0 && !this.source.isWhole) return this.afterReadingAll(() => this.#find(step, orBack));
    this.#note = 'Searching… (Ctrl-C stops)';
    this.#work.run(this.#search.find(step), (found) => {
      if (found === null && orBack && step > 0) return this.#find(-1, true);
      const where = orBack ? '' : step > 0 ? ' below' : ' above';
      this.#note = found === null ? `Not found${where}: ${query}` : '';
      if (found !== null) this.#search.goTo(found);
      this.control.redraw();
    });
  }

  #askFork(): void {
    if (!this.#canFork) return void (this.#note = 'Nothing is forked while a session is chosen for a command.');
    this.afterReadingAll(() => {
      const prompt = this.#navigation.promptNumber(this.#search.position);
      if (prompt === 0) this.#note = 'There is no prompt to fork at.';
      else this.#prompt = { type: 'fork', prompt };
    });
  }

  #copyMessage(): void {
    const text = this.#navigation.textAt(this.#search.position);
    if (text === undefined) this.#note = 'No message here has a text.';
    else this.#copy(text, `message (${text.length.toLocaleString('en-US')} characters)`);
  }

  #copy(text: string, what: string): void {
    this.screen.copy(text);
    this.#note = `Copied the ${what}.`;
  }

  #follow(follows: boolean): void {
    this.#follows = follows;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = follows ? setInterval(() => this.#look(), FOLLOW_MS) : null;
    if (follows) this.#goToEnd();
    else this.#note = 'Stopped following.';
  }

  /** Refreshes while following the file; a reader who has scrolled up stays where they are. */
  #look(): void {
    const wasAtEnd = this.#window.isAtEnd;
    try {
      if (!this.#refresh()) return;
      if (wasAtEnd) this.#window.goToEnd();
      this.control.redraw();
    } catch (error) {
      this.control.fail(error);
    }
  }

  #refresh(): boolean {
    const { hasChanged, note } = this.#navigation.refresh();
    const isNew = note !== null && note !== this.#note;
    if (note !== null) this.#note = note;
    return hasChanged || isNew;
  }

  #close(result: ViewerResult): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#isClosed = true;
    this.#work.stop();
    this.control.close(result);
  }
}
