// Turns text with colour codes into an SVG picture of a terminal screen, with its own background.

const CHAR_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const PADDING = 16;
const BAR_HEIGHT = 30;

/** Sixteen-colour palettes of common terminals; `bright` is bold text, `dim` faint text. */
const THEMES = {
  dark: {
    ground: '#1a1b26',
    text: '#c8d0e7',
    dim: '#737a99',
    bright: '#ffffff',
    frame: '#292e42',
    31: '#f7768e',
    32: '#9ece6a',
    33: '#e0af68',
    34: '#7aa2f7',
    94: '#7aa2f7',
    35: '#bb9af7',
    36: '#7dcfff',
  },
  light: {
    ground: '#ffffff',
    text: '#1f2328',
    dim: '#818b98',
    bright: '#000000',
    frame: '#d1d9e0',
    31: '#cf222e',
    32: '#1a7f37',
    33: '#9a6700',
    34: '#0969da',
    94: '#0969da',
    35: '#8250df',
    36: '#1b7c83',
  },
};

/** Returns the SVG of lines of terminal output, whose widest line has at most `columns` columns. */
export function screenSvg(lines, { columns, title, theme = 'dark' }) {
  const colors = THEMES[theme];
  const width = Math.ceil(columns * CHAR_WIDTH) + 2 * PADDING;
  const height = BAR_HEIGHT + lines.length * LINE_HEIGHT + 2 * PADDING;
  const rows = lines.map((line, at) => {
    const y = BAR_HEIGHT + PADDING + (at + 0.75) * LINE_HEIGHT;
    return runsOf(line)
      .filter(({ text }) => text.trim() !== '')
      .map(({ text, column, style }) => {
        const x = PADDING + column * CHAR_WIDTH;
        return (
          `<text x="${round(x)}" y="${round(y)}" ` +
          `fill="${fillOf(style, colors)}"${style.bold ? ' font-weight="bold"' : ''}>${escaped(text)}</text>`
        );
      })
      .join('');
  });
  const dots = [0, 1, 2].map(
    (at) => `<circle cx="${PADDING + 6 + at * 18}" cy="${BAR_HEIGHT / 2}" r="5" fill="${colors.frame}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ` +
      `${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${colors.ground}" stroke="${colors.frame}"/>`,
    ...dots,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" ` +
      'font-size="14" xml:space="preserve">',
    ...rows.filter((row) => row !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Parts of a line in one style, with the column each begins in; a part ends at two spaces, so that columns hold. */
function runsOf(line) {
  const runs = [];
  let style = { color: null, dim: false, bold: false };
  let column = 0;
  // eslint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(part);
    if (codes !== null) {
      for (const code of codes[1].split(';')) style = styled(style, Number(code));
      continue;
    }
    for (const text of part.split(/(?<= {2})(?! )/)) {
      const lead = /^ */.exec(text)[0].length;
      runs.push({ text: text.trim(), column: column + lead, style });
      column += columnsOf(text);
    }
  }
  return runs;
}

function styled(style, code) {
  if (code === 0) return { color: null, dim: false, bold: false };
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, color: null };
  const isColor = (code >= 30 && code <= 37) || (code >= 90 && code <= 97);
  return isColor ? { ...style, color: code } : style;
}

function fillOf({ color, dim, bold }, colors) {
  if (color !== null) return colors[color] ?? colors.text;
  return dim ? colors.dim : bold ? colors.bright : colors.text;
}

/** East Asian wide characters take two columns. */
function columnsOf(text) {
  return [...text].reduce(
    (sum, char) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(char)
        ? 2
        : 1),
    0,
  );
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(value) {
  return Math.round(value * 10) / 10;
}
