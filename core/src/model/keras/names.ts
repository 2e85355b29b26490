// Words of Keras (snake_case, PascalCase) and ours (camelCase).

/** Names that the rule would get wrong, as Keras writes them. */
const exceptions: { readonly [ours: string]: string } = {
  beta1: "beta_1",
  beta2: "beta_2",
  adamBeta1: "adam_beta_1",
  adamBeta2: "adam_beta_2",
  beta2Decay: "beta_2_decay",
  epsilon1: "epsilon_1",
  epsilon2: "epsilon_2",
  clipNorm: "clipnorm",
  clipValue: "clipvalue",
  globalClipNorm: "global_clipnorm",
  keepDims: "keepdims",
};
const ours = new Map(Object.entries(exceptions).map(([name, keras]) => [keras, name]));

/** `use_bias` → `useBias`. */
export const camelCase = (name: string): string =>
  ours.get(name) ?? name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** `useBias` → `use_bias`. */
export const underscored = (name: string): string =>
  Object.hasOwn(exceptions, name)
    ? exceptions[name]!
    : name.replace(/([A-Z])/g, (letter) => `_${letter.toLowerCase()}`);

/** Classes whose first letters are all small in our names, or stand for others. */
const classNames: { readonly [ours: string]: string } = {
  klDivergence: "KLDivergence",
  ctc: "CTC",
  auc: "AUC",
  l1: "L1",
  l2: "L2",
  l1l2: "L1L2",
  mse: "MeanSquaredError",
  mae: "MeanAbsoluteError",
  mape: "MeanAbsolutePercentageError",
  msle: "MeanSquaredLogarithmicError",
  iou: "IoU",
  sgd: "SGD",
  rmsprop: "RMSprop",
  adamw: "AdamW",
};
const ourNames = new Map(
  Object.entries(classNames)
    .filter(([name]) => !["mse", "mae", "mape", "msle"].includes(name))
    .map(([name, keras]) => [keras, name]),
);

/** `GlorotUniform` → `glorotUniform`. */
export const nameOfClass = (className: string): string =>
  ourNames.get(className) ?? className.charAt(0).toLowerCase() + className.slice(1);

/** `glorotUniform` → `GlorotUniform`. */
export const classOfName = (name: string): string =>
  Object.hasOwn(classNames, name) ? classNames[name]! : name.charAt(0).toUpperCase() + name.slice(1);

/** Names within a container: the first as it is, the next with a number. */
export function uniquely(): (name: string) => string {
  const used = new Map<string, number>();
  return (name) => {
    const count = used.get(name);
    used.set(name, (count ?? -1) + 1);
    return count === undefined ? name : `${name}_${count + 1}`;
  };
}

/** The name of a registered class or function: `package>Name` is known here by `Name`. */
export const withoutPackage = (name: string): string => name.slice(name.lastIndexOf(">") + 1);
