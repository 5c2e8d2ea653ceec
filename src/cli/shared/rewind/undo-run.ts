import type { CheckpointSession } from '../../../checkpoints/report.js';
import { refuseLiveRewind } from '../../../checkpoints/rewind/apply.js';
import { sessionOfCopy } from '../../../checkpoints/rewind/undo-session.js';
import { applyUndo, findUndoCopy, planUndo, type UndoPlan } from '../../../checkpoints/rewind/undo.js';
import type { LockedRunOptions } from '../../../retention/restore/run-locked.js';
import type { UndoCopy } from '../../../retention/undo/undo-copies.js';
import type { SessionIndex } from '../../../session-index/session-index.js';
import { CcsessError, PARTLY_DONE } from '../../../system/errors.js';
import type { Context } from '../../context.js';
import { undoLines, undoneLine, undoneSentences } from '../../render/rewind.js';
import { toJson } from '../../render/text/json.js';
import { shortPath } from '../../render/text/path.js';
import { namedSession } from '../named-session.js';
import { recoverFirst } from '../removal/recover-first.js';
import { screenOf } from '../screen.js';
import { requireQuestions } from '../changed.js';
import type { UndoRequest } from './flags.js';

/**
 * Undoes a rewind, after showing the files and asking for confirmation. Throws NOT_FOUND if there is no such rewind, or
 * if its session is gone, whose transcript determines which files may be written.
 */
export async function undoRewind(request: UndoRequest & LockedRunOptions, context: Context): Promise<void> {
  const { name, yes, dryRun, force } = request;
  const questions = yes || dryRun ? null : await requireQuestions(context);
  if (!dryRun) await recoverFirst(request, context);
  const index = await context.openIndex({ processes: true });
  const isNamed = name !== undefined || request.last;
  const named = isNamed ? await namedSession(index, request, context) : null;
  const copy = findUndoCopy(request.undo, named?.file.id ?? null, request, context);
  const session = sessionOf(copy, index, context);
  if (!force && !dryRun) refuseLiveRewind(session, context);
  const prepared = planUndo(copy, session, request);
  const isLeft = prepared.replacements.length > 0;
  if (dryRun || (!isLeft && copy.state === 'undone')) return report({ ...prepared.plan, dryRun }, context);
  if (questions !== null && isLeft) {
    await context.stderr.write(`${undoLines({ ...prepared.plan, dryRun: false }, screenOf(context)).join('\n')}\n`);
    const folder = shortPath(session.record.cwd ?? '', context.home);
    if (!(await questions.confirm(`Put these files back in ${folder}?`)))
      return context.stderr.write('Nothing was changed.\n');
  }
  await report(await applyUndo(prepared, session, request, context), context);
}

function sessionOf(copy: UndoCopy, index: SessionIndex, context: Context): CheckpointSession {
  const session = sessionOfCopy(copy, index, context);
  if (session !== null) return session;
  const { id, folder, manifest } = copy;
  throw new CcsessError('NOT_FOUND', `the session of the rewind ${id} is gone: ${manifest.sessionId}.`, {
    hint:
      'its transcript says which files may be written; restore it first ' +
      `(${context.invocation} trash). The copies are in ${shortPath(folder, context.home)}`,
  });
}

async function report(plan: UndoPlan, context: Context): Promise<void> {
  const { stdout, stderr, global } = context;
  if (plan.skipped.length > 0) context.setExitCode(plan.files.length > 0 || plan.unchanged > 0 ? PARTLY_DONE : 1);
  if (global.json) return stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
  const screen = screenOf(context);
  const { said, noted } = undoneSentences(plan, screen);
  if (!stdout.isTerminal) {
    await stdout.write(plan.files.map(undoneLine).join(''));
    return stderr.write([...said, ...noted].map((line) => `${line}\n`).join(''));
  }
  if (plan.dryRun && plan.files.length > 0) return stdout.write(`${undoLines(plan, screen).join('\n')}\n`);
  await stdout.write(said.map((line) => `${line}\n`).join(''));
  await stderr.write(noted.map((line) => `${line}\n`).join(''));
}
