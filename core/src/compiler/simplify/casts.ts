import { type DType, isFloat } from "../../base/dtype.ts";
import { cast } from "../../graph/build.ts";
import { isOp } from "../../graph/node.ts";
import type { Rule } from "./rule.ts";

/** The dtypes that hold every value of a dtype. */
const widerOf: { readonly [D in DType]: readonly DType[] } = {
  f32: ["f32"],
  f16: ["f16", "f32"],
  bf16: ["bf16", "f32"],
  i32: ["i32"],
  u32: ["u32"],
  i8: ["i8", "i32", "f16", "bf16", "f32"],
  u8: ["u8", "i32", "u32", "f16", "bf16", "f32"],
  bool: ["bool", "u8", "i8", "i32", "u32", "f16", "bf16", "f32"],
};

/** A cast to a wider dtype and on to another is one cast, unless that would wrap where the detour saturates. */
export const casts: Rule = (node) => {
  if (!isOp(node, "cast")) return undefined;
  const [inner] = node.inputs;
  if (inner === undefined || node.dtype === inner.dtype) return inner;
  if (!isOp(inner, "cast")) return undefined;
  const [source] = inner.inputs;
  if (source === undefined || !widerOf[source.dtype].includes(inner.dtype)) return undefined;
  const saturates = isFloat(inner.dtype) && !isFloat(source.dtype) && !isFloat(node.dtype) && node.dtype !== "bool";
  return saturates && !widerOf[source.dtype].includes(node.dtype) ? undefined : cast(source, node.dtype);
};
