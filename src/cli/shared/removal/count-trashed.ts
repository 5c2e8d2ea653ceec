import type { Context } from '../../context.js';

/** Returns the number of sessions in the trash; 0 if it cannot be read, which `ccsess trash` reports. */
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
