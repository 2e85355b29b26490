// Byte-level tokens are written with one printable character a byte (Radford et al. 2019, GPT-2): printable bytes of
// Latin-1 stand for themselves, the others for the characters from U+0100 on.

const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

/** The character that stands for each byte. */
export const characterOf: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

/** The bytes in the order of their characters: the order in which tokens of one byte are numbered. */
export const bytesInOrder: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte).sort(
  (a, b) => characterOf[a]!.charCodeAt(0) - characterOf[b]!.charCodeAt(0),
);

/** Words as GPT-2 cuts them: with the space before them, short forms for themselves, letters, digits and signs apart. */
export const wordPattern = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
