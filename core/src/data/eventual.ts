/** A value that is there already, or will be: stages that need not wait do not. */
export type Eventual<T> = T | Promise<T>;

/** `next(value)`, at once where the value is there. */
export const after = <T, U>(value: Eventual<T>, next: (value: T) => Eventual<U>): Eventual<U> =>
  value instanceof Promise ? value.then(next) : next(value);
