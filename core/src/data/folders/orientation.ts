const [startOfImage, applicationOne, comment] = [0xd8, 0xe1, 0xfe];
const isApplication = (marker: number): boolean => (marker & 0xf0) === 0xe0;
/** What is asked of a file at once: the head of a segment, and the name of its kind. */
const headBytes = 10;
/** Real files have some ten. */
const mostSegments = 1000;

/**
 * A JPEG file without its Exif segment (CIPA DC-008, 4.5.4), other files as they are: browsers turn pictures as that segment asks
 * for, and cannot be told not to, but files are read as they are stored in Node, and by Keras.
 */
export async function withoutOrientation(blob: Blob): Promise<Blob> {
  const head = async (at: number): Promise<Uint8Array> =>
    new Uint8Array(await blob.slice(at, at + headBytes).arrayBuffer());
  const [first, second] = await head(0);
  if (first !== 0xff || second !== startOfImage) return blob;
  for (let [at, segments] = [2, 0]; segments < mostSegments; segments++) {
    const [mark, marker = 0, high = 0, low = 0, ...kind] = await head(at);
    // Only such segments come before the picture itself.
    if (mark !== 0xff || !(isApplication(marker) || marker === comment)) return blob;
    const end = at + 2 + 256 * high + low;
    if (marker === applicationOne && String.fromCharCode(...kind.slice(0, 4)) === "Exif")
      return new Blob([blob.slice(0, at), blob.slice(end)], { type: blob.type });
    at = end;
  }
  return blob;
}
