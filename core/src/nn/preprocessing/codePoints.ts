/** UTF-16 units in an order in which texts compare as their code points do, and as their UTF-8 bytes do: surrogates last. */
const ranked = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

/** Orders texts by their code points, as Python and NumPy do. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return ranked(x) - ranked(y);
  }
  return a.length - b.length;
}
