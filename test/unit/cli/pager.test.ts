import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { page, pagerCommand } from '../../../src/cli/terminal/pager.js';
import { temporaryFolder } from '../../support/temporary.js';

function folderWith(name: string): string {
  const folder = temporaryFolder('pager');
  writeFileSync(join(folder, name), '');
  chmodSync(join(folder, name), 0o755);
  return folder;
}

describe('the pager', () => {
  test('is CCSESS_PAGER, else PAGER, else less if it is installed', () => {
    const PATH = `${folderWith('most')}:${folderWith('less')}`;
    expect(pagerCommand({ PATH, CCSESS_PAGER: 'most -s', PAGER: 'less' })).toBe('most -s');
    expect(pagerCommand({ PATH, PAGER: 'most' })).toBe('most');
    expect(pagerCommand({ PATH })).toBe('less -R');
    expect(pagerCommand({ PATH: folderWith('more') })).toBe(null);
  });

  test.each(['', ' ', 'cat', 'no-such-pager -x'])('%j means no pager', (PAGER) => {
    expect(pagerCommand({ PATH: folderWith('less'), PAGER })).toBe(null);
  });

  test('is run by a shell if its command needs one', () => {
    expect(pagerCommand({ PATH: '', PAGER: 'LESS=X less' })).toBe('LESS=X less');
  });
});

async function* numbers(count: number): AsyncGenerator<string> {
  for (let number = 0; number < count; number++) yield `${number} ${'x'.repeat(1000)}\n`;
}

describe('paging', () => {
  const env = { PATH: process.env['PATH'] };

  test('streams everything and waits for the pager to close', async () => {
    const file = join(temporaryFolder('paged'), 'out');
    await page(`cat > ${file}; echo "LESS=$LESS" >> ${file}`, numbers(2000), env);
    const lines = readFileSync(file, 'utf8').split('\n');
    expect([lines.length, lines.at(-2)]).toEqual([2002, 'LESS=FRX']);
  });

  test('ends when the reader has seen enough', async () => {
    let made = 0;
    async function* endless(): AsyncGenerator<string> {
      for (;;) {
        made += 1;
        yield 'x'.repeat(10_000);
        await new Promise(setImmediate);
      }
    }
    await page('head -c 10 > /dev/null', endless(), env);
    expect(made).toBeGreaterThan(0);
  });
});
