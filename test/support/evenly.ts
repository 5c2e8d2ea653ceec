import fc from 'fast-check';

const STEPS = 1_000_000;

/** Numbers spread evenly over a range, its bounds included; most numbers of `fc.double` are next to 0. */
export function evenly(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: STEPS }).map((step) => min + (step / STEPS) * (max - min));
}
