import { BatchNormalization, type BatchNormalizationOptions } from "../batchNormalization.ts";
import type { AnyLayer } from "../layer.ts";
import * as classes from "../normalization.ts";
import type { Wrapper } from "../rules/core.ts";
import type { RuleOf, Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same } from "../rules/single.ts";
import { SpectralNormalization, type SpectralNormalizationOptions } from "../spectralNormalization.ts";

export const batchNormalization = (options?: BatchNormalizationOptions): Shaped<BatchNormalization, Same> =>
  shaped(new BatchNormalization(options));
export const layerNormalization = (
  options?: classes.LayerNormalizationOptions,
): Shaped<classes.LayerNormalization, Same> => shaped(new classes.LayerNormalization(options));
export const groupNormalization = (
  options?: classes.GroupNormalizationOptions,
): Shaped<classes.GroupNormalization, Same> => shaped(new classes.GroupNormalization(options));
export const rmsNormalization = (options?: classes.RMSNormalizationOptions): Shaped<classes.RMSNormalization, Same> =>
  shaped(new classes.RMSNormalization(options));
export const unitNormalization = (
  options?: classes.UnitNormalizationOptions,
): Shaped<classes.UnitNormalization, Same> => shaped(new classes.UnitNormalization(options));
export const spectralNormalization = <L extends AnyLayer>(
  layer: L,
  options?: SpectralNormalizationOptions,
): Shaped<SpectralNormalization, Wrapper<RuleOf<L>>> => shaped(new SpectralNormalization(layer, options));
