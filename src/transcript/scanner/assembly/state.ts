/** State of the line so far. Imported variables cannot be assigned, so functions change them. */

/** True if the line must be parsed, because scanning may misread it. */
let refused: bool = false;
/** Number of strings with escapes in the line so far. */
let escapes: i32 = 0;
let depth: i32 = 0;
const MAX_DEPTH: i32 = 200;

export function startLine(): void {
  refused = false;
  escapes = 0;
  depth = 0;
}

// @ts-ignore: decorator
@inline
export function isRefused(): bool {
  return refused;
}

// @ts-ignore: decorator
@inline
export function refuseLine(): void {
  refused = true;
}

// @ts-ignore: decorator
@inline
export function escapesSoFar(): i32 {
  return escapes;
}

// @ts-ignore: decorator
@inline
export function countEscapes(): void {
  escapes++;
}

/** Enters an array or object; if too many are around it, refuses the line and returns false. */
// @ts-ignore: decorator
@inline
/** Enters an array or object; refuses the line and returns false if it is nested too deeply. */
export function enter(): bool {
  if (++depth <= MAX_DEPTH) return true;
  refused = true;
  return false;
}

// @ts-ignore: decorator
@inline
export function leave(): void {
  depth--;
}
