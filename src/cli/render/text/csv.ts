import { sanitize } from './sanitize.js';

/** The signs a formula begins with, and their full-width forms. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/** Fields as a line of comma-separated values, ended as RFC 4180 has it; null is an empty field. */
export function csvLine(fields: readonly (string | number | null)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(field: string | number | null): string {
  if (field === null) return '';
  const text = typeof field === 'number' ? String(field) : inert(field);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Text that no spreadsheet takes for a formula: an apostrophe before what begins as one does (OWASP, "CSV Injection").
 */
function inert(field: string): string {
  const text = sanitize(field);
  return FORMULA.test(text) || /^[\t\r\n]/.test(field) ? `'${text}` : text;
}
