// Copies every file of the sessions of the last seven days.
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { listSessions } from 'ccsess';

for (const session of await listSessions({ since: '7d' })) {
  const { configDir } = session.metadata;
  let bytes = 0;
  for (const file of await session.files()) {
    const copy = join('backup', relative(configDir, file.path));
    await mkdir(dirname(copy), { recursive: true });
    await cp(file.path, copy, { recursive: true });
    bytes += file.bytes;
  }
  console.log(session.id, bytes);
}
