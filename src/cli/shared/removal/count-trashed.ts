import type { Context } from '../../context.js';

/** The number of sessions in the trash; 0 where it cannot be read, as `ccsess trash` says. */
export async function countTrashed(context: Context): Promise<number> {
  const [{ readTrash }, { namedTrashDir }] = await Promise.all([
    import('../../../retention/trash/trash.js'),
    import('../../../retention/trash/trash-dir.js'),
  ]);
  try {
    return readTrash(context.configDirs, namedTrashDir(undefined, context)).length;
  } catch {
    return 0;
  }
}
