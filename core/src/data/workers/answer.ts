import { contextOf } from "../stages/context.ts";
import type { Task } from "./program.ts";
import { packed, unpacked } from "./transfer.ts";

/** What a thread answers to a task: the function's result, as it travels. */
export async function answerTo(
  change: (element: unknown, context: ReturnType<typeof contextOf>) => unknown,
  { element, index, seed, pass }: Task,
): Promise<unknown> {
  return packed(await change(unpacked(element), contextOf({ seed, number: pass }, index)));
}
