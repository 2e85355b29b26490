import { ChainruleError, DataError } from "../../base/errors.ts";
import { classes } from "../../nn/classes.ts";
import { type AnyLayer, type Config, type LayerClass, shorten } from "../../nn/index.ts";
import { makeLayer } from "../../nn/makeLayer.ts";
import { demandData, kindOf, readFunction } from "./functions.ts";
import { damaged, isRecord, type Json, own, record, word } from "./json.ts";
import { camelCase, withoutPackage } from "./names.ts";
import { type Row, rows, wordOptions } from "./rows.ts";

/** Options that every layer of Keras has, and that are looked at elsewhere, or say nothing here. */
const common: readonly string[] = ["name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_shape"];
/** Marks of quantization and of LoRA. */
const variants: readonly string[] = ["quantization_config", "lora_rank", "lora_alpha", "gptq_unpacked_column_size"];

/** What a layer is, besides its config. */
export interface Outline {
  readonly className: string;
  readonly name: string;
  readonly trainable: boolean;
  readonly config: Json;
}

/** The parts of a description of a layer, of Keras 3 or 2. */
export function outlineOf(json: unknown, where: string): Outline {
  const layer = record(json, where);
  demandData(layer, where);
  const registered = own(layer, "registered_name");
  const given = word(own(layer, "class_name"), `the class of ${where}`);
  const custom = typeof registered === "string" && registered.includes(">");
  const className = withoutPackage(custom ? registered : given);
  const config = record(own(layer, "config"), `the config of ${where}`);
  const name = own(config, "name") ?? own(layer, "name");
  return {
    className,
    name: typeof name === "string" && name !== "" ? name : camelCase(className),
    trainable: own(config, "trainable") !== false,
    config,
  };
}

/** The layer that Keras describes; `inner` makes the layers inside, `extra` are options that Keras gives in the call. */
export function readLayer(outline: Outline, inner: (json: unknown) => AnyLayer, extra: Config = {}): AnyLayer {
  const { className, name, trainable, config } = outline;
  const row: Row = Object.hasOwn(rows, className) ? rows[className]! : {};
  const type = row.ours ?? className;
  demandFormat(name, config);
  try {
    const options = { ...readOptions(type, name, config, row), ...extra };
    return makeLayer(type, options, { name, trainable }, inner);
  } catch (error) {
    if (!(error instanceof ChainruleError)) throw error;
    const about = error.parts.what.includes(name)
      ? error.parts.what
      : `layer "${name}" (${className}): ${error.parts.what}`;
    throw new DataError({ ...error.parts, what: about });
  }
}

/** Our config for Keras's. */
function readOptions(type: string, name: string, given: Json, row: Row): Config {
  const Class = Object.hasOwn(classes, type)
    ? ((classes as { readonly [type: string]: LayerClass })[type] ?? {})
    : undefined;
  const fields =
    Class === undefined ? undefined : [...Object.keys((Class as LayerClass).fields ?? {}), "activityRegularizer"];
  const config = row.read?.(given) ?? given;
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (common.includes(key) || key === "data_format" || row.ignored?.includes(key)) continue;
    const option = row.rename?.[key] ?? camelCase(key);
    const kind = kindOf(option);
    if (fields === undefined || fields.includes(option))
      options[option] =
        kind === undefined ? plainValue(key, value) : (readFunction(kind, value, `${key} of layer "${name}"`) ?? null);
    else demandIdle(name, key, value, row);
  }
  return options;
}

const plainValue = (key: string, value: unknown): unknown =>
  wordOptions.includes(key) && typeof value === "string" ? camelCase(value) : value;

/** An option that is not known here must be off. */
function demandIdle(name: string, key: string, value: unknown, row: Row): void {
  const alone = row.only !== undefined && Object.hasOwn(row.only, key) ? row.only[key] : undefined;
  if (value === null || value === false || value === alone) return;
  if (variants.includes(key))
    throw new DataError({
      what: `layer "${name}" is quantized or has LoRA weights (${key}), which is not read`,
      hint: "save the model as it was before",
    });
  throw new DataError({
    what: `layer "${name}": the option ${key} = ${shorten(value)} has no counterpart here`,
    hint: "make the layer without it, or register a layer of your own under the class's name",
  });
}

const policies = ["float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"];

/** The order of axes and the dtype: channels come last, and weights are f32 here. */
function demandFormat(name: string, config: Json): void {
  if (own(config, "data_format") === "channels_first")
    throw new DataError({
      what: `layer "${name}" has channels first; here they come last`,
      hint: 'in Python, make the model with data_format="channels_last" and copy the weights',
    });
  const dtype = own(config, "dtype");
  const policy = isRecord(dtype) ? own(record(own(dtype, "config") ?? {}, "a dtype policy"), "name") : dtype;
  if (policy === undefined || policy === null || policies.includes(policy as string)) return; // only asked whether it is there
  if (typeof policy === "string" && /^(u?int\d+|bool|string)$/.test(policy)) return; // layers of integers
  throw damaged(`layer "${name}" has the dtype policy ${shorten(policy)}`, `known are ${policies.join(", ")}`);
}
