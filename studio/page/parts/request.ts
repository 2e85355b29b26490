import type { OnDemandRequest, SliceRole } from "chainrule/record";
import type { Picture } from "../data/examples.ts";
import { client, runId, say } from "../state.ts";

/** What the training computes because the page asks; undefined, and the reason is said, where it cannot. */
export async function request(
  role: SliceRole,
  question: OnDemandRequest,
  quiet = false,
): Promise<readonly Picture[] | undefined> {
  const run = runId.value;
  if (run === undefined) return undefined;
  try {
    return await client.ask("request", { run, role, request: question });
  } catch (error) {
    if (!quiet) say(error instanceof Error ? error.message : String(error), true);
    return undefined;
  }
}
