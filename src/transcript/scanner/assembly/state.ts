/** State of the line so far. Imported variables cannot be assigned, so functions change them. */

/** The line may not be what it seems: it is left to the parser. */
let unsure: bool = false;
/** Strings with escapes, so far in the line. */
let escapes: i32 = 0;
let depth: i32 = 0;
const MAX_DEPTH: i32 = 200;

export function startLine(): void {
  unsure = false;
  escapes = 0;
  depth = 0;
}

// @ts-ignore: decorator
@inline
export function isUnsure(): bool {
  return unsure;
}

// @ts-ignore: decorator
@inline
export function becomeUnsure(): void {
  unsure = true;
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

/** Enters an array or object; false, and unsure, if there are too many around it. */
// @ts-ignore: decorator
@inline
export function enter(): bool {
  if (++depth <= MAX_DEPTH) return true;
  unsure = true;
  return false;
}

// @ts-ignore: decorator
@inline
export function leave(): void {
  depth--;
}
