import { ArgumentError, ChainruleError } from "../base/errors.ts";
import { Interrupted } from "./interrupt.ts";

export const exitStatus = { failed: 1, wrongUsage: 2, interrupted: 130 } as const;

/** Prints an error on standard error and returns the exit status for it: one line for wrong usage, all of it for failures. */
export function report(error: unknown): number {
  const [text, status] = explain(error);
  process.stderr.write(`${text}\n`);
  return status;
}

function explain(error: unknown): readonly [text: string, status: number] {
  if (error instanceof Interrupted) return [error.message, exitStatus.interrupted];
  if (error instanceof ArgumentError) {
    const { what, hint } = error.parts;
    return [`chainrule: ${[what, ...(hint === undefined ? [] : [hint])].join("; ")}`, exitStatus.wrongUsage];
  }
  if (error instanceof ChainruleError) return [`${error.name}: ${error.message}`, exitStatus.failed];
  // Not foreseen: whoever repairs it needs the place.
  return [error instanceof Error ? (error.stack ?? error.message) : String(error), exitStatus.failed];
}
