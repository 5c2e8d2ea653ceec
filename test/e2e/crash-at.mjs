// Preloaded into a program (`node --import`). With CRASH_AT it is killed, as by a crash, right before its CRASH_AT-th
// call that changes the disk (with CRASH_TEXT: its CRASH_AT-th write of something with this text); with FULL_AT the
// disk is full from its FULL_AT-th write on. If there are fewer, the program ends normally.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const CHANGES = [
  'writeSync',
  'ftruncateSync',
  'futimesSync',
  'utimesSync',
  'chmodSync',
  'mkdirSync',
  'linkSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'unlinkSync',
  'fsyncSync',
];
let changes = 0;
let writes = 0;
const { CRASH_TEXT } = process.env;
const isCounted = (name, args) =>
  CRASH_TEXT === undefined || (name === 'writeSync' && Buffer.from(args[1]).includes(CRASH_TEXT));

for (const name of CHANGES) {
  const change = fs[name];
  fs[name] = (...args) => {
    if (isCounted(name, args) && ++changes === Number(process.env.CRASH_AT)) process.kill(process.pid, 'SIGKILL');
    if (name === 'writeSync' && ++writes >= Number(process.env.FULL_AT))
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        errno: -28,
        syscall: 'write',
      });
    return change(...args);
  };
}
syncBuiltinESMExports();
