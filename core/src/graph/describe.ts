import { type Detail, DTypeError, ShapeError } from "../base/errors.ts";
import { printShape } from "../base/shape.ts";
import type { Node } from "./node.ts";

/** `flatten, in encoder`: where a value came from, for error messages. */
export function originOf(node: Node): string {
  const made = node.op === "input" ? (node.attrs as { name: string }).name : node.op;
  return node.scope === "" ? made : `${made}, in ${node.scope}`;
}

/** One line of an error about `node`: role, shape (and dtype unless f32), origin. */
export const describe = (role: string, node: Node): Detail =>
  typeof node === "object" && node !== null
    ? {
        role,
        value: node.dtype === "f32" ? printShape(node.shape) : `${node.dtype} ${printShape(node.shape)}`,
        origin: originOf(node),
      }
    : { role, value: `${JSON.stringify(node)}, no tensor` }; // of callers without types

const roles = (nodes: readonly Node[]): Detail[] =>
  nodes.map((node, index) => describe(nodes.length === 2 ? ["left", "right"][index]! : `input ${index}`, node));

/** A ShapeError that lists the operands with their origin. */
export const shapeError = (what: string, nodes: readonly Node[], hint?: string): ShapeError =>
  new ShapeError({ what, details: roles(nodes), ...(hint === undefined ? {} : { hint }) });

/** A DTypeError that lists the operands with their origin. */
export const dtypeError = (what: string, nodes: readonly Node[], hint?: string): DTypeError =>
  new DTypeError({ what, details: roles(nodes), ...(hint === undefined ? {} : { hint }) });
