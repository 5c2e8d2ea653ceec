/** Layout of the fixed part of memory; ../memory.ts holds the same numbers (docs/scanner.md draws it). */

export const PRESENT: usize = 0;
export const ESCAPED: usize = 4;
export const CHANGED: usize = 8;
export const NEXT: usize = 12;
export const TYPE: usize = 16;
/** Four counts: text, tool_use, tool_result, other. */
export const BLOCKS: usize = 24;
export const USAGE_STATE: usize = 40;
export const MESSAGE_PRESENT: usize = 44;
export const MESSAGE_ESCAPED: usize = 48;
export const MESSAGE_CHANGED: usize = 52;
/** A float of 64 bits. */
export const TIME: usize = 56;
/** Six integers of 32 bits. */
export const USAGE: usize = 64;
/** 32 pairs of start and end. All results before them are cleared for each line. */
export const SPANS: usize = 128;
/** 8 pairs of start and end. */
export const MESSAGE_SPANS: usize = 384;
/** `MAX_TOOLS` pairs of start and end. */
export const TOOL_SPANS: usize = 512;
export const MAX_TOOLS: u32 = 32;

/** Five tables of names, written by the caller. */
const TABLES: usize = 1024;
const TABLE_SIZE: usize = 2048;
export const ENTRY_KEYS: usize = TABLES;
export const MESSAGE_KEYS: usize = TABLES + TABLE_SIZE;
export const USAGE_KEYS: usize = TABLES + 2 * TABLE_SIZE;
export const TYPES: usize = TABLES + 3 * TABLE_SIZE;
export const BLOCK_TYPES: usize = TABLES + 4 * TABLE_SIZE;

/** Copies of the last values of 32 entry members and 8 message members, each a length (u32) and its bytes. */
export const STICKY: usize = 12288;
export const STICKY_SIZE: usize = 512;
export const MESSAGE_STICKY: usize = STICKY + 32 * STICKY_SIZE;
export const STICKY_END: usize = STICKY + 40 * STICKY_SIZE;
