import type { DType } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";

const four = new DataView(new ArrayBuffer(4));
const put: { readonly [D in DType]?: (value: number) => void } = {
  f32: (value) => four.setFloat32(0, value),
  i32: (value) => four.setInt32(0, value),
  u32: (value) => four.setUint32(0, value),
};
const take: { readonly [D in DType]?: () => number } = {
  f32: () => four.getFloat32(0),
  i32: () => four.getInt32(0),
  u32: () => four.getUint32(0),
};
/** The same four bytes as another of f32, i32 and u32. NaN has the bits 0x7fc00000 here; devices may have others. */
export function bitsBetween(from: DType, to: DType): (value: number) => number {
  const [write, read] = [put[from], take[to]];
  if (write === undefined || read === undefined) throw new InternalError(`bitcast from ${from} to ${to}`);
  return (x) => {
    write(x);
    return read();
  };
}
