import type { Node } from "../../graph/node.ts";

const identities = new WeakMap<object, number>();
let nextIdentity = 1;

/** A number that stands for the object itself: bodies and functions are equal only to themselves. */
function identityOf(object: object): number {
  const known = identities.get(object);
  if (known !== undefined) return known;
  identities.set(object, nextIdentity);
  return nextIdentity++;
}

/** Equal text for equal attributes. Tells -0 from 0 and knows NaN and the infinities, which JSON does not. */
export const attrsKey = (node: Node): string => valueKey(node.attrs, 0);

function valueKey(value: unknown, depth: number): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => valueKey(item, depth + 1)).join(",")}]`;
  if (typeof value === "function") return `@${identityOf(value)}`;
  if (typeof value !== "object" || value === null) return String(value);
  // Attributes are flat records; an object deeper down is a body.
  if (depth > 0) return `@${identityOf(value)}`;
  return `{${Object.entries(value)
    .map(([name, item]) => `${name}:${valueKey(item, depth + 1)}`)
    .join(",")}}`;
}
