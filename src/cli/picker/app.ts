import type { Frame, ScreenApp, ScreenControl, ScreenEvent } from '../../tui/screen.js';
import type { Size } from '../../tui/host.js';
import { LineEditor } from '../../tui/line-editor.js';
import { Background } from './background.js';
import { changeOf } from './changes/change-of.js';
import type { Catalog } from './find/catalog.js';
import type { Entry } from './find/entry.js';
import { handleHelpEvent } from './keys/help-keys.js';
import type { Action, KeyMap } from './keys/key-map.js';
import { ListState } from './list-state.js';
import type { PickerOptions, PickerServices } from './services.js';
import type { Mode, PickerState, Status } from './state.js';
import { Tasks } from './tasks.js';
import { trashQuestion } from './view/chrome.js';
import { canPreview, layoutOf, type Layout } from './view/layout.js';
import { drawPicker } from './view/picture.js';

const TOO_SMALL: Status = { text: 'This window is too small for the preview.', isError: true };
const UNCHANGED: Status = { text: 'Nothing was changed.', isError: false };

/** The picker: a list of sessions that is filtered while the user types, with a preview and actions. */
export class PickerApp implements ScreenApp {
  readonly #control: ScreenControl<readonly Entry[] | null>;
  readonly #services: PickerServices;
  readonly #options: PickerOptions;
  readonly #keyMap: KeyMap;
  readonly #query: LineEditor;
  readonly #list: ListState;
  readonly #background: Background;
  readonly #tasks: Tasks;
  #mode: Mode = { kind: 'list' };
  #status: Status | null = null;
  #isPreviewOn: boolean;
  #wasAway = false;
  readonly #unwatch: () => void;
  #size: Size;

  constructor(
    control: ScreenControl<readonly Entry[] | null>,
    catalog: Catalog,
    keyMap: KeyMap,
    options: PickerOptions,
    services: PickerServices,
  ) {
    this.#control = control;
    this.#keyMap = keyMap;
    this.#services = services;
    this.#options = options;
    this.#query = new LineEditor(options.query);
    this.#isPreviewOn = options.isPreviewOn;
    this.#size = control.size;
    this.#list = new ListState(catalog, options.scope, options.order);
    this.#background = new Background(this.#list, services, {
      visible: () => this.#list.visible(this.#layout),
      redraw: () => control.redraw(),
      fail: (error) => this.#fail(error),
    });
    this.#tasks = new Tasks(services, {
      report: (status) => {
        this.#status = status;
        control.redraw();
      },
      show: (sessions, select, keepsMarks) => this.#show(sessions, select, keepsMarks),
      leave: () => this.#close(null),
      fail: (error) => this.#fail(error),
      undoKey: keyMap.keysOf('undo')[0] ?? 'undo',
    });
    this.#unwatch = services.watch(() => this.#tasks.refresh());
    this.#filter();
    this.#background.start();
  }

  get #layout(): Layout {
    return layoutOf(this.#size, this.#isPreviewOn);
  }

  draw(size: Size): Frame {
    if (this.#status === TOO_SMALL && canPreview(size)) this.#status = null;
    this.#size = size;
    const { preview: room } = this.#layout;
    const list = this.#list;
    list.scroll(this.#layout);
    list.catalog.readTexts(list.visible(this.#layout));
    const { current } = list;
    const preview = room === null || current === undefined ? null : this.#background.previewOf(current, room.width);
    const state: PickerState = {
      ...this.#options,
      ...list,
      folder: list.catalog.folder,
      query: this.#query,
      keyMap: this.#keyMap,
      mode: this.#mode,
      status: this.#status,
      isPreviewOn: this.#isPreviewOn,
      isPreviewPossible: canPreview(size),
      isReading: !list.catalog.isRead,
      isSearching: this.#background.isSearching,
      preview,
      now: this.#services.now(),
    };
    return drawPicker(state, size);
  }

  onEvent(event: ScreenEvent): void {
    // The user is back from another window, where the session may have been used.
    if (event.type === 'focus') return this.#onFocus(event.hasFocus);
    if (event.type === 'end' || (event.type === 'key' && event.key === 'ctrl-c')) return this.#close(null);
    if (this.#tasks.isBusy) return;
    this.#status = null;
    if (this.#mode.kind === 'help') {
      if (!handleHelpEvent(event, this.#mode, this.#keyMap)) this.#mode = { kind: 'list' };
    } else if (this.#mode.kind === 'confirm') this.#onAnswer(event, this.#mode.onYes);
    else if (this.#mode.kind === 'input') this.#onInput(event, this.#mode);
    else this.#onListEvent(event);
    this.#background.start();
  }

  /** Terminals also report the current focus when reports are switched on; that report changes nothing. */
  #onFocus(hasFocus: boolean): void {
    if (hasFocus && this.#wasAway) this.#tasks.refresh();
    this.#wasAway = !hasFocus;
  }

  #onListEvent(event: ScreenEvent): void {
    if (event.type === 'text' && event.text === '?' && this.#query.isEmpty) return this.#act('help');
    if (event.type === 'key') {
      const command = this.#keyMap.commands.find(({ key }) => key === event.key);
      const entry = this.#list.current;
      if (command !== undefined && entry !== undefined) return this.#tasks.runCommand(command, entry);
      const action = this.#keyMap.actionOf(event.key);
      if (action !== null) return this.#act(action);
    }
    const before = this.#query.text;
    if (this.#query.handle(event) && this.#query.text !== before) this.#filter();
  }

  #onAnswer(event: ScreenEvent, onYes: () => void): void {
    if (event.type === 'paste') return;
    this.#mode = { kind: 'list' };
    if ((event.type === 'text' && /^y$/i.test(event.text)) || (event.type === 'key' && event.key === 'enter')) onYes();
    else this.#status = UNCHANGED;
  }

  #onInput(event: ScreenEvent, { line, onDone }: Extract<Mode, { kind: 'input' }>): void {
    if (event.type === 'key' && event.key === 'enter') {
      this.#mode = { kind: 'list' };
      onDone(line.text);
    } else if (event.type === 'key' && event.key === 'esc') this.#mode = { kind: 'list' };
    else line.handle(event);
  }

  #act(action: Action): void {
    const list = this.#list;
    if (list.move(action, this.#layout)) return;
    switch (action) {
      case 'accept':
        return this.#accept();
      case 'leave':
        return this.#clearOrLeave();
      case 'scope':
        return this.#setScope(list.scope === 'everywhere' ? 'here' : 'everywhere');
      case 'worktrees':
        return this.#setScope(list.scope === 'folder' ? 'here' : 'folder');
      case 'branch':
        return this.#toggleBranch();
      case 'sort':
        return list.nextOrder();
      case 'all':
        list.isAll = !list.isAll;
        return this.#filterAgain();
      case 'preview':
        return this.#togglePreview();
      case 'help':
        this.#mode = { kind: 'help', filter: new LineEditor(), top: 0 };
        return;
      case 'reload':
        return this.#tasks.reload();
      case 'mark':
        return list.mark();
      case 'mark-all':
        return list.markAll();
      case 'undo':
        return this.#options.canChange ? this.#tasks.undoLast() : undefined;
      default:
        if (list.current !== undefined) this.#actOn(action, list.current);
    }
  }

  #actOn(action: Action, entry: Entry): void {
    const { file } = entry.row;
    if (action === 'copy-id') this.#copy(file.id, 'id');
    else if (action === 'copy-path') this.#copy(file.path, 'path');
    else if (action === 'view') this.#tasks.view(entry, this.#options.canChange);
    else if (this.#options.canChange) this.#startChange(action, entry);
  }

  #accept(): void {
    const chosen = this.#list.targets;
    if (chosen.length === 0) return;
    const live = this.#options.verb === 'resume' ? (chosen[0]?.row.live ?? null) : null;
    if (live !== null && live.pid !== null) {
      const fork = this.#keyMap.keysOf('fork')[0] ?? 'fork';
      this.#status = { text: `Open in process ${live.pid}: continue there, or fork it (${fork}).`, isError: true };
      return;
    }
    if (chosen.length === 1 || this.#options.several) return this.#close(chosen);
    this.#status = { text: `${this.#options.verb} takes one session: ${chosen.length} are marked.`, isError: true };
  }

  #clearOrLeave(): void {
    if (this.#query.isEmpty) return this.#close(null);
    this.#query.text = '';
    this.#filterAgain();
  }

  #close(chosen: readonly Entry[] | null): void {
    this.#unwatch();
    this.#tasks.end();
    this.#background.end();
    this.#control.close(chosen);
  }

  #fail(error: unknown): void {
    this.#unwatch();
    this.#tasks.end();
    this.#background.end();
    this.#control.fail(error);
  }

  #filter(): void {
    this.#list.filter(this.#query.text);
    this.#background.searchContents(this.#query.text);
  }

  /** Filters again, with the same session selected. */
  #filterAgain(): void {
    const path = this.#list.current?.row.file.path;
    this.#filter();
    this.#list.search('same', path);
  }

  #setScope(scope: ListState['scope']): void {
    this.#list.scope = scope;
    this.#remember();
    this.#filterAgain();
  }

  #toggleBranch(): void {
    const list = this.#list;
    const branch = list.branch === null ? this.#services.branch() : null;
    if (branch === null && list.branch === null)
      this.#status = { text: 'The current folder is not on a git branch.', isError: true };
    list.branch = branch;
    this.#filterAgain();
  }

  #togglePreview(): void {
    if (!canPreview(this.#size)) return void (this.#status = TOO_SMALL);
    this.#isPreviewOn = !this.#isPreviewOn;
    this.#remember();
  }

  #remember(): void {
    this.#services.remember({ scope: this.#list.scope, preview: this.#isPreviewOn });
  }

  #copy(text: string, noun: string): void {
    this.#services.copy(text);
    this.#status = { text: `Copied the ${noun} ${text}`, isError: false };
  }

  #startChange(action: Action, entry: Entry): void {
    if (action === 'rename' || action === 'tag') {
      const before = action === 'tag' ? entry.text?.tag : entry.text?.isPrompt === true ? '' : entry.text?.title;
      const label = action === 'tag' ? 'Tag' : 'Title';
      const onDone = (text: string): void => this.#tasks.change({ kind: action, text: text.trim() }, [entry]);
      this.#mode = { kind: 'input', label, hint: ' (empty: none)', line: new LineEditor(before ?? ''), onDone };
      return;
    }
    const targets = action === 'fork' ? [entry] : this.#list.targets;
    const change = changeOf(action, targets);
    if (change === null) return;
    if (change.kind !== 'trash') return this.#tasks.change(change, targets);
    this.#mode = {
      kind: 'confirm',
      question: trashQuestion(targets),
      onYes: () => this.#tasks.change(change, targets),
    };
  }

  /** Shows the sessions read last. */
  #show(catalog: Catalog, select: string | undefined, keepsMarks: boolean): void {
    if (!keepsMarks) this.#list.marks.clear();
    this.#list.replace(catalog, select);
    this.#background.searchContents(this.#query.text);
    this.#background.start();
    this.#control.redraw();
  }
}
