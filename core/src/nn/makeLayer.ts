import { DataError, suggest } from "../base/errors.ts";
import { classes } from "./classes.ts";
import type { MakeLayer } from "./fields.ts";
import type { Config, Layer, LayerOptions } from "./layer.ts";
import { fromConfig, type MakeableClass, registeredLayers } from "./registry.ts";

// Apart from the registry: what is here needs every class of the library, and only loading from files does.

// Every class of the library is one whose layers `fromConfig` can make: the layer test holds it.
const ours = classes as unknown as { readonly [type: string]: MakeableClass };

/** The layer of class `type` with this config (untrusted); an unknown class is an error that says how to register it. */
export function makeLayer(type: string, config: Config, options: LayerOptions, make: MakeLayer): Layer {
  const found = Object.hasOwn(classes, type) ? ours[type] : undefined;
  if (found !== undefined) return fromConfig(found, config, options, make);
  const own = registeredLayers.get(type);
  if (own !== undefined) return own(config, options);
  const word = type.slice(0, 40);
  throw new DataError({
    what: `layer "${options.name}" is of the unknown class "${word}"`,
    hint: `${suggest(word, [...Object.keys(classes), ...registeredLayers.keys()])}; a class of your own must be registered: registerLayer("${word}", (config, options) => …)`,
  });
}
