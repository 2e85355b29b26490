import { DataError } from "../base/errors.ts";
import { printShape, sizeOf } from "../base/shape.ts";

// The format: Y. LeCun, "The MNIST database of handwritten digits": two zeros, a type, the number of axes, their sizes as
// big-endian words, and the elements. The type of MNIST and its kin is the only one in use: bytes.

const bytesType = 8;

/** The sizes and the bytes of an IDX file, as MNIST and Fashion-MNIST come; copied. */
export function decodeIdx(
  file: Uint8Array,
  source = "the file",
): { readonly shape: readonly number[]; readonly data: Uint8Array } {
  const broken = (why: string): DataError =>
    new DataError({ what: `${source}: no readable IDX file: ${why}`, hint: "the file is damaged, or is no IDX file" });
  if (file.length < 4 || file[0] !== 0 || file[1] !== 0) throw broken("it does not begin like one");
  if (file[2] !== bytesType)
    throw broken(`elements of type 0x${file[2]!.toString(16)} are not known, only bytes (0x8)`);
  const axes = file[3]!;
  const start = 4 + 4 * axes;
  if (axes === 0 || file.length < start) throw broken("its header is cut off");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis, false));
  if (sizeOf(shape) !== file.length - start)
    throw broken(`${printShape(shape)} needs ${sizeOf(shape)} bytes, but ${file.length - start} follow the header`);
  return { shape, data: file.slice(start) };
}
