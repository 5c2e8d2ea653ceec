/** True if a path contains a pattern: `*`, `?`, `[…]` or `{a,b}`. */
export function isGlob(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

/**
 * Returns an expression that matches whole absolute paths: `**` crosses folders (`/a/**` matches `/a` itself), `*` and
 * `?` stay within one, `[…]`, `[!…]` and `{a,b}` choose. All other characters stand for themselves, unlike in
 * picomatch, which takes parentheses, quotes, `|` and `\\` in folder names for operators.
 */
export function globToRegExp(glob: string): RegExp {
  let source = '';
  let braces = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob.charAt(at);
    if (glob.startsWith('/**', at) && /^(?:\/|$)/.test(glob.slice(at + 3))) {
      source += '(?:/[^]*)?';
      at += 2;
    } else if (char === '*') {
      source += '[^/]*';
      if (glob.charAt(at + 1) === '*') at += 1;
    } else if (char === '?') source += '[^/]';
    else if (char === '[' && glob.indexOf(']', at + 2) > 0) {
      const end = glob.indexOf(']', at + 2);
      source += characterClass(glob.slice(at + 1, end));
      at = end;
    } else if (char === '{' && glob.includes('}', at)) {
      braces += 1;
      source += '(?:';
    } else if (char === '}' && braces > 0) {
      braces -= 1;
      source += ')';
    } else if (char === ',' && braces > 0) source += '|';
    else source += escapeRegExp(char);
  }
  return braces === 0 ? compile(source, glob) : literal(glob);
}

/**
 * Compiles the expression. A pattern that cannot be compiled (an unclosed inner brace, a range from z to a) is taken
 * literally.
 */
function compile(source: string, glob: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    return literal(glob);
  }
}

function literal(glob: string): RegExp {
  return new RegExp(`^${escapeRegExp(glob)}$`, 'u');
}

function characterClass(body: string): string {
  const negated = /^[!^]/.test(body);
  const members = (negated ? body.slice(1) : body).replace(/[\\\]^[]/g, '\\$&');
  return `[${negated ? '^/' : ''}${members}]`;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
