import { emit, heard } from "../base/events.ts";

/** How one intermediate form is shown. */
export interface Form<T> {
  /** The value as text, for people. */
  readonly print: (value: T) => string;
}

/** Throws an InternalError when the value breaks a law of its form. */
export type Verify = <T>(form: Form<T>, value: T) => void;

let verifying: Verify | undefined;

/** Whether, and by what, passes are verified from now on. */
export function verifyBy(verify: Verify | undefined): void {
  verifying = verify;
}

/**
 * Runs one compiler pass: the only way in which `compile` calls them. Times it, verifies what it made (in tests), and tells
 * observers; before and after are printed only when somebody listens.
 */
export function runPass<In, Out>(
  name: string,
  pass: (value: In) => Out,
  value: In,
  from: Form<In>,
  to: Form<Out>,
): Out {
  const start = heard("pass") ? performance.now() : 0;
  const result = pass(value);
  emit("pass", () => ({
    name,
    ms: performance.now() - start,
    before: from.print(value),
    after: to.print(result),
  }));
  verifying?.(to, result);
  return result;
}
