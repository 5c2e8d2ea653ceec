// Writes the declarations of the library: one file that needs no other, and no types but those of the language.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';

/**
 * Bundles what the `index.d.ts` of a folder of declarations exports into `file`, and removes the folder. Throws if the
 * bundle would refer to another file, to a package or to the types of Node.
 */
export function bundleTypes(folder, file) {
  const entry = join(folder, 'index.d.ts');
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    skipLibCheck: true,
    // Loading the types of Node would take five times as long.
    types: [],
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: ['index.d.ts'] }));
  const [text = ''] = generateDtsBundle(
    [{ filePath: entry, output: { noBanner: true, exportReferencedTypes: false } }],
    { preferredConfigPath: config },
  );
  const outside = /^(?:import|export \*|\/\/\/ <reference) .*/m.exec(text)?.[0];
  if (outside !== undefined) throw new Error(`the declarations of the library do not stand alone: ${outside}`);
  writeFileSync(file, text);
  rmSync(folder, { recursive: true });
}
