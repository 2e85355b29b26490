import { ArgumentError, suggest } from "../base/errors.ts";

// What TypeScript refuses and JavaScript would pass over: an option that is misspelt, or given in another place, would be its default.

/** Which options the functions have that take them as their third argument. */
const rows = [
  ["sum mean prod max min logSumExp any all argmax argmin moments", "keepDims"],
  ["variance std", "keepDims correction"],
  ["norm", "keepDims order"],
  ["cumsum cummax", "reverse exclusive"],
  ["sort argsort", "descending"],
  ["maxPool averagePool", "strides padding"],
  ["conv", "strides padding dilation groups"],
  ["depthwiseConv", "strides padding dilation"],
  ["convTranspose", "strides padding dilation outputPadding"],
  ["pad", "mode value"],
  ["eye", "offset dtype"],
] as const;

const isOptions = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Refuses options of the function `name` that it does not have, or that are not where it takes them. */
export function demandOptions(name: string, given: readonly unknown[]): void {
  given.forEach((value, at) => {
    const options = isOptions(value);
    if (at === 0 || value === undefined || (at === 1 && !options)) return; // the usual call looks nothing up
    const known = rows.find(([functions]) => functions.split(" ").includes(name))?.[1].split(" ");
    if (known === undefined) return;
    const unknown = options ? Object.keys(value).find((key) => !known.includes(key)) : undefined;
    if (unknown === undefined && options && at === 2) return;
    throw new ArgumentError({
      what: `${name}: ${unknown === undefined ? "options are an object, the third argument" : `unknown option "${unknown}"`}`,
      details: [{ role: "received", value: `${options ? "options" : value} as argument ${at + 1}` }],
      hint: suggest(unknown ?? "", known),
    });
  });
}
