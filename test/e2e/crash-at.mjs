// Preloaded into a program (`node --import`): kills it, as a crash would, right before its CRASH_AT-th call that changes the disk. Once
// that many calls are not reached, the program ends as ever.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const CHANGES = ['writeSync', 'ftruncateSync', 'futimesSync', 'utimesSync', 'chmodSync', 'mkdirSync', 'linkSync', 'renameSync', 'rmSync', 'rmdirSync', 'unlinkSync', 'fsyncSync'];
let left = Number(process.env.CRASH_AT);

for (const name of CHANGES) {
  const change = fs[name];
  fs[name] = (...args) => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    return change(...args);
  };
}
syncBuiltinESMExports();
