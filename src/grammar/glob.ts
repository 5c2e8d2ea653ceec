/** True if a path contains a pattern: `*`, `?`, `[…]` or `{a,b}`. */
export function isGlob(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

/**
 * Returns the expression that an absolute path matches as a whole. `**` crosses folders (`/a/**` covers `/a` itself),
 * `*` and `?` stay within one, hidden ones included; `[…]`, `[!…]` and `{a,b}` choose. Every other character means
 * itself, and so does a pattern without a meaning: picomatch takes parentheses, quotes, `|` and `\\` of folder names
 * for operators.
 */
export function globToRegExp(glob: string): RegExp {
  let source = '';
  let braces = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob.charAt(at);
    if (glob.startsWith('/**', at) && /^(?:\/|$)/.test(glob.slice(at + 3))) {
      source += '(?:/.*)?';
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

/** A pattern that means nothing (an unclosed inner brace, a range from z to a) is taken literally. */
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
