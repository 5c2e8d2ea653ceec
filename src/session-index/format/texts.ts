import { Rejected, type RejectionName } from './rejection.js';

/** Parses a section that is a JSON array of strings. Throws `Rejected` with `reason` for anything else. */
export function textsIn(bytes: Buffer, reason: RejectionName): string[] {
  try {
    const texts = JSON.parse(bytes.toString('utf8')) as unknown;
    if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return texts;
  } catch {
    // Rejected below.
  }
  throw new Rejected(reason);
}
