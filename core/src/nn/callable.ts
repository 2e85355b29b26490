/**
 * The root of objects that can be called like functions: `layers.dense(64)(x)`. The instance is a function whose prototype
 * is the class's own, so fields, methods and `instanceof` work as usual; calling it calls `invoke`.
 */
export abstract class Callable {
  constructor() {
    const self = (...given: unknown[]): unknown => (self as unknown as Callable).invoke(...given);
    // biome-ignore lint/correctness/noConstructorReturn: the instance is the function; subclasses' fields are defined on it.
    return Object.setPrototypeOf(self, new.target.prototype) as this;
  }

  /** What a call of the instance does. */
  abstract invoke(...given: unknown[]): unknown;
}
