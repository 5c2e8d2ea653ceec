import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globToRegExp } from '../../../src/grammar/glob.js';

describe('a glob', () => {
  test.each<[string, string[], string[]]>([
    ['/a/*', ['/a/b', '/a/.hidden', '/a/b c'], ['/a', '/a/b/c']],
    ['/a/**', ['/a', '/a/b', '/a/.b/c', '/a/b\nc', '/a/\u2028/d'], ['/ab', '/']],
    ['/**/app', ['/app', '/a/b/app'], ['/happ']],
    ['/a/**b', ['/a/b', '/a/xb'], ['/a/x/b']],
    ['/a/?', ['/a/b', '/a/ü', '/a/🎉'], ['/a/', '/a/bc', '/a/b/']],
    ['/a/[!b]', ['/a/c'], ['/a/b', '/a//']],
    ['/a/[^b]', ['/a/c'], ['/a/b']],
    ['/a/{b,c*}/d', ['/a/b/d', '/a/cd/d'], ['/a/d/d']],
    ['/a/{b,{c,d}}', ['/a/b', '/a/d'], ['/a/{c,d}']],
    ['/app/(shop)/*', ['/app/(shop)/cart'], ['/app/shop/cart']],
    ['/app/a|b/*', ['/app/a|b/c'], ['/app/a', 'b/c']],
    ['/app/"a" $b^ +c/*', ['/app/"a" $b^ +c/d'], ['/app/a $b^ +c/d']],
    ['/app/!(a)*', ['/app/!(a)b'], ['/app/b']],
    ['/app/*\\b', ['/app/a\\b'], ['/app/a', '/app/ab']],
    ['/a/{1..3}', ['/a/1..3'], ['/a/1']],
  ])('%s matches whole paths', (glob, matching, others) => {
    const pattern = globToRegExp(glob);
    expect(matching.filter((path) => !pattern.test(path))).toEqual([]);
    expect(others.filter((path) => pattern.test(path))).toEqual([]);
  });

  test('compiles, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('/', '*', '?', '[', ']', '{', '}', ',', '!', '^', '-', '\\', 'a', 'z', '🇩🇪')),
        (parts) => {
          expect(globToRegExp(parts.join(''))).toBeInstanceOf(RegExp);
        },
      ),
    );
  });
});
