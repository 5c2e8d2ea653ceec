import type { Output } from '../context.js';
import { REJECTIONS, type RejectionName } from '../../session-index/format/rejection.js';
import { sanitize } from '../render/text/sanitize.js';

/** Collects the index files that were not used, each once per reason, for `--debug`. */
export class Rejections {
  readonly #found = new Set<string>();

  readonly add = (file: string, reason: RejectionName): void => {
    this.#found.add(`ccsess: index file ${file} not used (${reason}): ${REJECTIONS[reason]}`);
  };

  async write(stderr: Output): Promise<void> {
    for (const line of this.#found) await stderr.write(`${sanitize(line)}\n`);
  }
}
