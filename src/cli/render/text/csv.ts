import { sanitize } from './sanitize.js';

/** The first characters of formulas, and their full-width forms. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/** Returns fields as a line of comma-separated values with the line end of RFC 4180; null is an empty field. */
export function csvLine(fields: readonly (string | number | null)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(field: string | number | null): string {
  if (field === null) return '';
  const text = typeof field === 'number' ? String(field) : withoutFormula(field);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Prefixes text that a spreadsheet would read as a formula with an apostrophe (OWASP, "CSV Injection"). */
function withoutFormula(field: string): string {
  const text = sanitize(field);
  return FORMULA.test(text) || /^[\t\r\n]/.test(field) ? `'${text}` : text;
}
