// Collects the licences of the packages whose code is part of the built program.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.|-|$)/i;

/** Returns the folders of the packages whose code is in the outputs of esbuild, sorted, from its metafiles. */
export function bundledPackages(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders].sort();
}

/** Returns the text of THIRD-PARTY-NOTICES for these package folders. Throws for a package without a licence text. */
export function noticesFor(folders) {
  const notices = new Map();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder)
      .filter((file) => LICENCE_FILE.test(file))
      .sort()
      .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
    const text = texts.length > 0 ? texts.join('\n\n') : licenceInReadme(folder);
    if (text === null) throw new Error(`${folder} has no licence text for dist/THIRD-PARTY-NOTICES`);
    notices.set(`${name} ${version} (${license})`, text);
  }
  const rule = '-'.repeat(78);
  return [
    'ccsess contains code of the following packages.\n',
    ...[...notices].map(([title, text]) => `${rule}\n${title}\n\n${text}\n`),
  ].join('\n');
}

/** The section of a readme about the licence, if it names the copyright holder. */
function licenceInReadme(folder) {
  const readme = readdirSync(folder).find((file) => /^readme(\.|$)/i.test(file));
  const section =
    readme && /^#+ *licen[cs]e\b[\s\S]*?(?=^#|$(?![\s\S]))/im.exec(readFileSync(join(folder, readme), 'utf8'))?.[0];
  return section && /copyright|©|\(c\)/i.test(section) ? section.trim() : null;
}
