/** What JSON's structure is told by: ASCII, so one byte in UTF-8 and one code unit in UTF-16 (RFC 8259, RFC 3629). */
export const QUOTE = 0x22;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
