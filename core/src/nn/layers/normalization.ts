import { BatchNormalization, type BatchNormalizationOptions } from "../batchNormalization.ts";
import type { AnyLayer } from "../layer.ts";
import * as classes from "../normalization.ts";
import type { Wrapper } from "../rules/core.ts";
import type { RuleOf, Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same } from "../rules/single.ts";
import { SpectralNormalization, type SpectralNormalizationOptions } from "../spectralNormalization.ts";

/**
 * Normalises each channel by the mean and the variance of the batch while training, and by running averages of them
 * otherwise (Ioffe & Szegedy 2015). A frozen layer never trains: it uses and keeps its running averages. Masked positions
 * do not count in the statistics.
 */
export const batchNormalization = (options?: BatchNormalizationOptions): Shaped<BatchNormalization, Same> =>
  shaped(new BatchNormalization(options));
/** Normalises each example over its last axis, or over given ones (Ba et al. 2016). */
export const layerNormalization = (
  options?: classes.LayerNormalizationOptions,
): Shaped<classes.LayerNormalization, Same> => shaped(new classes.LayerNormalization(options));
/** Normalises each example over its positions and the channels of each group (Wu & He 2018). */
export const groupNormalization = (
  options?: classes.GroupNormalizationOptions,
): Shaped<classes.GroupNormalization, Same> => shaped(new classes.GroupNormalization(options));
/** x / √(mean(x²) + epsilon) · scale (Zhang & Sennrich 2019). */
export const rmsNormalization = (options?: classes.RMSNormalizationOptions): Shaped<classes.RMSNormalization, Same> =>
  shaped(new classes.RMSNormalization(options));
/** Divides by the norm along `axis`, so that vectors have length 1. */
export const unitNormalization = (
  options?: classes.UnitNormalizationOptions,
): Shaped<classes.UnitNormalization, Same> => shaped(new classes.UnitNormalization(options));
/**
 * Keeps the largest singular value of a layer's kernel at 1: each step of training divides the kernel by it, found by
 * power iteration (Miyato et al. 2018).
 */
export const spectralNormalization = <L extends AnyLayer>(
  layer: L,
  options?: SpectralNormalizationOptions,
): Shaped<SpectralNormalization, Wrapper<RuleOf<L>>> => shaped(new SpectralNormalization(layer, options));
