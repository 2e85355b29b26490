import { ArgumentError } from "../base/errors.ts";
import { describeLayer } from "./describe.ts";
import { type Field, field } from "./fields.ts";
import { AnyLayer } from "./layer.ts";

/** A layer inside of a layer: of class `Kind`, by default of any. */
export const layerField = <L extends AnyLayer = AnyLayer>(
  // A class of layers, abstract ones too; only `instanceof` is asked of it.
  Kind: abstract new (...given: never[]) => unknown = AnyLayer,
): Field<L, L> =>
  field<L, L>({
    parse: (name, given) => {
      if (given instanceof Kind) return given;
      throw new ArgumentError(`${name} must be a ${Kind.name}, received ${JSON.stringify(given) ?? String(given)}`);
    },
    write: (layer) => describeLayer(layer),
    // What a description makes is checked by `parse`.
    read: (json, make) => (typeof json === "object" && json !== null ? (make(json) as L) : undefined),
    expected: "the description of a layer",
  });

/** Layers inside of a layer, in order; at least one. */
export const layersField = <L extends AnyLayer = AnyLayer>(
  Kind: abstract new (...given: never[]) => unknown = AnyLayer,
): Field<readonly L[], readonly L[]> => {
  const one = layerField<L>(Kind);
  return field<readonly L[], readonly L[]>({
    parse: (name, given) => {
      if (!Array.isArray(given) || given.length === 0) throw new ArgumentError(`${name} must be a list of layers`);
      return given.map((layer, index) => one.parse(`${name}[${index}]`, layer));
    },
    write: (layers) => layers.map((layer) => describeLayer(layer)),
    read: (json, make) =>
      Array.isArray(json) && json.length <= 1000 ? json.map((each) => one.read(each, make) as L) : undefined,
    expected: "a list of descriptions of layers",
  });
};
