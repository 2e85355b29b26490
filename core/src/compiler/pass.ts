import { emit, heard } from "../base/events.ts";

/** How one intermediate form is shown and checked. */
export interface Form<T> {
  /** The value as text, for people. */
  readonly print: (value: T) => string;
  /** Throws an InternalError when the value breaks a law of its form. */
  readonly verify: (value: T) => void;
}

let verifying = false;

/** Switches the verifiers between passes on or off; tests run with them on. */
export function verifyPasses(on: boolean): void {
  verifying = on;
}

/**
 * Runs one compiler pass: the only way in which `compile` calls them. Times it, verifies what it made (in tests), and tells
 * observers; before and after are printed only when somebody listens.
 */
export function runPass<In, Out>(
  name: string,
  pass: (value: In) => Out,
  value: In,
  forms: { readonly from: Form<In>; readonly to: Form<Out> },
): Out {
  const start = heard("pass") ? performance.now() : 0;
  const result = pass(value);
  emit("pass", () => ({
    name,
    ms: performance.now() - start,
    before: forms.from.print(value),
    after: forms.to.print(result),
  }));
  if (verifying) forms.to.verify(result);
  return result;
}
