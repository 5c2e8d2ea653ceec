/** Characters of JSON. */
export const TAB: u8 = 9;
export const NEWLINE: u8 = 10;
export const RETURN: u8 = 13;
export const SPACE: u8 = 32;
export const QUOTE: u8 = 34;
export const PLUS: u8 = 43;
export const COMMA: u8 = 44;
export const MINUS: u8 = 45;
export const POINT: u8 = 46;
export const ZERO: u8 = 48;
export const NINE: u8 = 57;
export const COLON: u8 = 58;
export const UPPER_T: u8 = 84;
export const UPPER_Z: u8 = 90;
export const OPEN_BRACKET: u8 = 91;
export const BACKSLASH: u8 = 92;
export const CLOSE_BRACKET: u8 = 93;
export const LOWER_A: u8 = 97;
export const LOWER_B: u8 = 98;
export const LOWER_D: u8 = 100;
export const LOWER_E: u8 = 101;
export const LOWER_F: u8 = 102;
export const LOWER_N: u8 = 110;
export const LOWER_R: u8 = 114;
export const LOWER_T: u8 = 116;
export const LOWER_U: u8 = 117;
export const LOWER_V: u8 = 118;
export const OPEN_BRACE: u8 = 123;
export const CLOSE_BRACE: u8 = 125;
/** The bit that distinguishes lower-case from upper-case letters. */
export const CASE_BIT: u8 = 32;

/** Words as integers that a load returns. */
export const WORD_TRUE: u32 = 0x65757274;
export const WORD_NULL: u32 = 0x6c6c756e;
/** `false` without its first letter. */
export const WORD_ALSE: u32 = 0x65736c61;
/** `name`, a member's name. */
export const WORD_NAME: u32 = 0x656d616e;
/** `"standar` and `d"`. */
export const WORD_STANDAR: u64 = 0x7261646e61747322;
export const WORD_D: u16 = 0x2264;
/** `"us"`. */
export const WORD_US: u32 = 0x22737522;
