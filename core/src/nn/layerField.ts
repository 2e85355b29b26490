import { ArgumentError } from "../base/errors.ts";
import { describeLayer } from "./describe.ts";
import { type Field, field } from "./fields.ts";
import { Layer } from "./layer.ts";

/** A layer inside of a layer, as wrappers hold one. The file holds its description; registered classes work too. */
export const layerField = (): Field<Layer, Layer> =>
  field<Layer, Layer>({
    parse: (name, value) => {
      if (value instanceof Layer) return value;
      throw new ArgumentError(`${name} must be a layer, received ${String(value)}`);
    },
    write: describeLayer,
    // What makes layers checks the description.
    read: (json, make) => make(json) as Layer,
    expected: "a layer",
  });

/** Several layers, as stacked cells. */
export const layersField = (): Field<readonly Layer[], readonly Layer[]> => {
  const one = layerField();
  return field<readonly Layer[], readonly Layer[]>({
    parse: (name, values) => {
      if (Array.isArray(values) && values.length > 0) return values.map((value) => one.parse(name, value));
      throw new ArgumentError(`${name} must be a list of layers, received ${String(values)}`);
    },
    write: (values) => values.map(describeLayer),
    read: (json, make) => (Array.isArray(json) ? json.map((item) => make(item) as Layer) : undefined),
    expected: "a list of layers",
  });
};
