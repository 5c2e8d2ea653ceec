// Bar charts as SVG: pure functions of the figures, so that the same figures give the same bytes.

const WIDTH = 860;
const LABEL = 390;
const FIGURES = 110;
const ROW = 26;
const TOP = 52;
const BOTTOM = 14;
const MAX_PARTS = 1.5;
const MAX_LABEL = 52;
/** Space between a row with its peer and the next. */
const GAP = 8;
/** The picture has a background of its own, so that it is legible on light and dark pages. */
const COLORS = {
  ground: '#ffffff',
  text: '#1f2328',
  dim: '#636c76',
  line: '#d1d9e0',
  aim: '#1a7f37',
  must: '#0969da',
  MISSED: '#cf222e',
  peer: '#afb8c1',
};

/** Draws one bar for each row with a limit: its length is the measured ratio divided by the limit. */
export function limitsSvg(rows, title) {
  const scale = (WIDTH - LABEL - FIGURES) / MAX_PARTS;
  const bars = rows.map(({ job, than, must, aim, ratio, verdict }, at) => {
    const y = TOP + at * ROW;
    const length = Math.min(ratio / must, MAX_PARTS) * scale;
    return [
      label(`${plain(job)}  /  ${plain(than)}`, y),
      bar(LABEL, y, length, COLORS[verdict] ?? COLORS.dim),
      ...(aim === null ? [] : [mark(LABEL + Math.min(aim / must, MAX_PARTS) * scale, y)]),
      figure(`${ratio.toFixed(2)} × (${must} ×)`, y),
    ].join('\n');
  });
  const limitAt = LABEL + scale;
  const limit =
    `<line x1="${round(limitAt)}" y1="${TOP - 8}" x2="${round(limitAt)}" y2="${TOP + rows.length * ROW}" ` +
    `stroke="${COLORS.text}" stroke-dasharray="3 3"/>`;
  return svg(title, rows.length, [text(limitAt, TOP - 14, 'must', COLORS.dim, 'middle'), ...bars, limit]);
}

/** Draws two bars for each row with a peer: both times, relative to the longer one. */
export function peersSvg(rows) {
  const space = WIDTH - LABEL - FIGURES;
  const bars = rows.flatMap(({ job, than, oursMs, theirsMs }, at) => {
    const longest = Math.max(oursMs, theirsMs);
    const of = (name, ms, line, color) => {
      const y = TOP + (2 * at + line) * ROW + at * GAP;
      return [
        label(name, y),
        bar(LABEL, y, (ms / longest) * space, color),
        figure(ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`, y),
      ].join('\n');
    };
    return [of(`ccsess: ${plain(job)}`, oursMs, 0, COLORS.aim), of(plain(than), theirsMs, 1, COLORS.peer)];
  });
  return svg(
    '20,000 sessions in 7 GB: time against other programs (shorter is better)',
    2 * rows.length,
    bars,
    rows.length * GAP,
  );
}

function svg(title, rows, parts, gaps = 0) {
  const height = TOP + rows * ROW + gaps + BOTTOM;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" ` +
      'font-family="-apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="13">',
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" rx="6" fill="${COLORS.ground}" stroke="${COLORS.line}"/>`,
    `<text x="16" y="24" fill="${COLORS.text}" font-weight="bold">${escaped(title)}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function label(words, y) {
  const shown = [...words].length <= MAX_LABEL ? words : `${[...words].slice(0, MAX_LABEL - 1).join('')}…`;
  return text(LABEL - 8, y + 13, shown, COLORS.text, 'end');
}

function figure(words, y) {
  return text(WIDTH - 12, y + 13, words, COLORS.text, 'end');
}

function bar(x, y, length, color) {
  const width = round(Math.max(length, 1));
  return `<rect x="${round(x)}" y="${y + 2}" width="${width}" height="15" rx="2" fill="${color}"/>`;
}

/** The aim of a row. */
function mark(x, y) {
  return `<line x1="${round(x)}" y1="${y}" x2="${round(x)}" y2="${y + 19}" stroke="${COLORS.text}"/>`;
}

function text(x, y, words, color, anchor) {
  return `<text x="${round(x)}" y="${y}" fill="${color}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

/** Markdown without its code marks. */
function plain(markdown) {
  return markdown.replaceAll('`', '');
}

function round(number) {
  return Math.round(number * 10) / 10;
}

function escaped(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
