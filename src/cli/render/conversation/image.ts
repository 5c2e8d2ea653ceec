import { asEntry, asString, type Entry } from '../../../transcript/messages/classify.js';
import { oneLine } from '../text/sanitize.js';
import { formatSize } from '../text/size.js';

/** Number of base64 characters for the first 24 bytes of a PNG, which contain its size. */
const PNG_HEADER = 32;

/** Returns a line for each image and document among content blocks: `[image: PNG 1280×800, 213 KiB]`. */
export function imageLines(content: readonly unknown[]): string[] {
  return content.map(asEntry).flatMap((block) => {
    if (block?.['type'] !== 'image' && block?.['type'] !== 'document') return [];
    return [`[${block['type']}: ${describe(asEntry(block['source']) ?? {})}]`];
  });
}

function describe(source: Entry): string {
  const data = asString(source['data']);
  const url = asString(source['url']);
  const type = oneLine(asString(source['media_type']) ?? '')
    .replace(/^\w+\//, '')
    .toUpperCase();
  if (data === null) return url === null ? type || 'not in the transcript' : oneLine(url);
  const size = formatSize(Math.floor((data.length * 3) / 4) - (/=*$/.exec(data.slice(-2))?.[0].length ?? 0));
  const pixels = type === 'PNG' ? pngPixels(data) : null;
  return [[type, pixels ?? ''].filter((part) => part !== '').join(' '), size].filter((part) => part !== '').join(', ');
}

function pngPixels(data: string): string | null {
  const header = Buffer.from(data.slice(0, PNG_HEADER), 'base64');
  if (header.length < 24 || header.toString('latin1', 1, 4) !== 'PNG') return null;
  return `${header.readUInt32BE(16)}×${header.readUInt32BE(20)}`;
}
