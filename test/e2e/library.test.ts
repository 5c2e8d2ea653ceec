import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { requireBuild, root } from '../support/built.js';

it('importing the library registers no listener, reads no file, writes nothing and keeps nothing running', () => {
  requireBuild();
  const script = `
    const fs = require('node:fs');
    const touched = [];
    for (const [name, original] of Object.entries(fs)) {
      if (typeof original !== 'function' || !/^(open|read|write|stat|lstat|access|exists|mkdir|opendir)/.test(name)) continue;
      fs[name] = (...args) => { touched.push(name + ' ' + String(args[0])); return original.apply(fs, args); };
    }
    require('node:module').syncBuiltinESMExports();
    const listeners = () => [process, process.stdin, process.stdout].map((emitter) => emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]));
    const before = JSON.stringify(listeners());
    import(${JSON.stringify(pathToFileURL(join(root, 'dist/index.js')).href)}).then((library) => {
      // Loading the modules themselves is Node's doing.
      const own = touched.filter((what) => !what.includes('/dist/') && !/package.json$/.test(what));
      fs.writeSync(1, JSON.stringify({ exports: Object.keys(library).length > 0, touched: own, sameListeners: JSON.stringify(listeners()) === before }));
    });`;
  const run = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 60_000 });
  expect(run.stderr).toBe('');
  expect(JSON.parse(run.stdout)).toEqual({ exports: true, touched: [], sameListeners: true });
});
