import { build, type Node } from "../graph/index.ts";
import { broadcast, type Operand, toNode } from "./broadcast.ts";
import { greaterEqual, less, logicalAnd, where } from "./compare.ts";

/** Bits that both integers (or bools) have. */
export const bitwiseAnd = (x: Operand, y: Operand): Node => build.bits("and", ...broadcast("bitwiseAnd", [x, y]));

/** Bits that at least one of them has. */
export const bitwiseOr = (x: Operand, y: Operand): Node => build.bits("or", ...broadcast("bitwiseOr", [x, y]));

/** Bits that exactly one of them has. */
export const bitwiseXor = (x: Operand, y: Operand): Node => build.bits("xor", ...broadcast("bitwiseXor", [x, y]));

/** All bits inverted. */
export const bitwiseNot = (x: Node): Node =>
  x.dtype === "i32" || x.dtype === "i8"
    ? bitwiseXor(x, -1)
    : bitwiseXor(x, x.dtype === "u8" ? 0xff : x.dtype === "bool" ? 1 : 0xffffffff);

/** `x · 2^y`, without the bits that leave the width; 0 from 32 places on. */
export const shiftLeft = (x: Operand, y: Operand): Node => build.bits("shl", ...broadcast("shiftLeft", [toNode(x), y]));

/** `⌊x / 2^y⌋`; signed integers keep their sign. A negative `y` counts as more places than there are. */
export const shiftRight = (x: Operand, y: Operand): Node => {
  const [value, places] = broadcast("shiftRight", [toNode(x), y]);
  if (value.dtype !== "i32" && value.dtype !== "i8") return build.bits("shr", value, places);
  // The primitive gives 0 from 32 places on.
  const inside = logicalAnd(greaterEqual(places, 0), less(places, 32));
  return build.bits("shr", value, where(inside, places, 31));
};
