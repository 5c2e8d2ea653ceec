import type { Stats } from 'node:fs';
import type { FileStamp } from './model.js';

const WIDTH = 4;

/** The stamps of many files as one array of numbers: twenty thousand objects would cost more than the files' `stat`. */
export class Stamps {
  #numbers = new Float64Array(WIDTH * 1024);
  #length = 0;

  /** Keeps a file's stamp; returns its place. */
  add({ size, mtimeMs, ctimeMs, ino }: Stats): number {
    const place = this.#length++;
    const at = place * WIDTH;
    if (at === this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    numbers[at] = size;
    numbers[at + 1] = mtimeMs;
    numbers[at + 2] = ctimeMs;
    numbers[at + 3] = ino;
    return place;
  }

  /** The stamp at a place that `add` gave. */
  at(place: number): FileStamp {
    const numbers = this.#numbers;
    const at = place * WIDTH;
    return { size: numbers[at] ?? 0, mtimeMs: numbers[at + 1] ?? 0, ctimeMs: numbers[at + 2] ?? 0, ino: numbers[at + 3] ?? 0 };
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
