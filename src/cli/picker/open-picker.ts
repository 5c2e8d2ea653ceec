import { watchLive } from '../../claude/live/watch.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { projectFilter } from '../../sessions/select/project-filter.js';
import { branchIn } from '../../system/git/branch.js';
import { findStartFolder } from '../../sessions/select/start-folder.js';
import type { FilterOptions } from '../../search/search.js';
import type { HostTerminal } from '../../tui/host.js';
import { openScreen, type Screen } from '../../tui/screen.js';
import type { Context, PickRequest } from '../context.js';
import { createCostCalculator, createPriceLoader } from '../shared/costs.js';
import { screenOf } from '../shared/screen.js';
import { PickerApp } from './app.js';
import { Catalog, type ScopeFilters } from './find/catalog.js';
import { readKeyMap } from './keys/config.js';
import type { Entry } from './find/entry.js';
import { runUserCommand } from './run-command.js';
import { makeChange } from './changes/make-changes.js';
import { recall, remember } from './remembered.js';
import { searchContents } from './find/search-contents.js';
import type { PickerServices } from './services.js';

/**
 * Opens the picker and returns the paths of the transcripts chosen; null if it was cancelled. Throws USAGE for an
 * invalid configuration, before anything is drawn.
 */
export async function openPicker(
  request: PickRequest,
  terminal: HostTerminal,
  context: Context,
): Promise<string[] | null> {
  const { env, home } = context;
  const keyMap = readKeyMap(env, home);
  const { scope, preview } = recall(context.stateDir);
  const filters = await scopeFilters(context);
  const catalog = new Catalog(request.index, screenOf(context), filters);
  const options = {
    ...request,
    // A folder without sessions would show an empty list. The remembered scope stays as it is.
    scope: request.isEverywhere || !catalog.hasNear ? ('everywhere' as const) : scope,
    isPreviewOn: preview,
  };
  const screen = openScreen(terminal);
  try {
    const services = servicesOf(screen, terminal, { index: request.index, catalog, filters }, context);
    const chosen = await screen.run<readonly Entry[] | null>(
      (control) => new PickerApp(control, catalog, keyMap, options, services),
    );
    return chosen?.map(({ row }) => row.file.path) ?? null;
  } finally {
    screen.close();
  }
}

async function scopeFilters(context: Context): Promise<ScopeFilters> {
  const start = await findStartFolder(context);
  const { cwd } = context;
  return {
    cwd,
    folders: [cwd, ...(start.worktreesOf?.(cwd) ?? [])],
    here: projectFilter(['.'], start),
    folder: projectFilter(['.'], { ...start, worktreesOf: null }),
  };
}

function servicesOf(
  screen: Screen,
  terminal: HostTerminal,
  first: { index: SessionIndex; catalog: Catalog; filters: ScopeFilters },
  context: Context,
): PickerServices {
  const { home, invocation, now } = context;
  const { filters } = first;
  let { index, catalog } = first;
  let calculator: Promise<Awaited<ReturnType<typeof createCostCalculator>>> | null = null;
  return {
    colors: terminal.colors,
    home,
    now,
    async reload(isFresh) {
      index = await context.openIndex({ isQuiet: true });
      calculator = null;
      catalog = new Catalog(index, screenOf(context), filters, isFresh ? null : catalog);
      return catalog;
    },
    watch: (onChange) =>
      watchLive(
        context.configDirs.map(({ path }) => path),
        onChange,
      ),
    branch: () => branchIn(context.cwd),
    change: (change, entries) => makeChange(change, entries, context),
    async price(entries) {
      calculator ??= createPriceLoader(undefined).then((prices) => createCostCalculator(index, prices, context));
      return (await calculator)(entries.map(({ row }) => row));
    },
    search: (query, entries, onFound, signal) =>
      searchContents({ query, index, entries, onFound, signal, filters: filtersOf(context) }),
    async preview(entry, width) {
      // Laying out Markdown loads more code than the list needs, so the list does not wait for it.
      const { previewOf } = await import('./view/preview.js');
      return previewOf(entry, { width, colors: terminal.colors, home, invocation, now: now() });
    },
    async view(entry, canFork) {
      const { viewSession } = await import('./view-session.js');
      return viewSession(entry.row, index, { screen, colors: terminal.colors, canFork }, context);
    },
    runCommand: (command, entry) => screen.outside(() => runUserCommand(command, entry, context)),
    copy: (text) => screen.copy(text),
    remember: (choices) => remember(choices, context.stateDir),
  };
}

function filtersOf({ global, cacheDir, now }: Context): FilterOptions | null {
  return global.cache ? { directory: cacheDir, nowMs: now() } : null;
}
