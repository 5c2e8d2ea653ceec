// Seeded pseudo-random numbers: the same name gives the same ones on every machine.
import { createHash } from 'node:crypto';

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789';

/** A stream of pseudo-random values (sfc32), seeded by a name. */
export class Random {
  #a;
  #b;
  #c;
  #counter = 1;

  constructor(name) {
    const seed = createHash('sha256').update(name).digest();
    [this.#a, this.#b, this.#c] = [seed.readInt32LE(0), seed.readInt32LE(4), seed.readInt32LE(8)];
  }

  /** 32 random bits as an unsigned integer. */
  bits() {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** In [0, 1). */
  next() {
    return this.bits() / 2 ** 32;
  }

  /** In [low, high). */
  between(low, high) {
    return low + this.next() * (high - low);
  }

  /** A whole number in [low, high]. */
  whole(low, high) {
    return Math.floor(this.between(low, high + 1));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[Math.floor(this.next() * list.length)];
  }

  /** Standard normal, by Box and Muller. */
  normal() {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Log-normal around `typical`, at most `most`. */
  size(typical, spread, most) {
    return Math.round(Math.min(most, typical * Math.exp(this.normal() * spread)));
  }

  hex(digits) {
    let text = '';
    while (text.length < digits) text += this.bits().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  uuid() {
    const digits = this.hex(32);
    const parts = [
      digits.slice(0, 8),
      digits.slice(8, 12),
      `4${digits.slice(13, 16)}`,
      `9${digits.slice(17, 20)}`,
      digits.slice(20),
    ];
    return parts.join('-');
  }

  /** An identifier as the API makes them, e.g. `msg_01…`. */
  token(prefix) {
    let text = prefix;
    for (let i = 0; i < 22; i++) text += this.pick(ALPHABET);
    return text;
  }
}
