import { type ReadonlySignal, signal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { client, digests } from "../state.ts";
import type { AskName, Asks } from "../worker/asks.ts";
import { useTask } from "./task.ts";

/** The worker's answer to a question that is asked again when something that it reads has changed, while `element` is visible. */
export function useAsk<N extends AskName>(
  element: { readonly current: Element | null },
  name: N,
  question: () => Asks[N][0] | undefined,
): ReadonlySignal<Asks[N][1] | undefined> {
  const answer = useMemo(() => signal<Asks[N][1] | undefined>(undefined), []);
  // Renders read it to come again when it has changed while a question was under way.
  const again = useMemo(() => signal(0), []);
  const asked = useRef("");
  const busy = useRef(false);
  useTask(element, () => {
    void again.value;
    const params = question();
    const run = params !== undefined && "run" in params ? params.run : undefined;
    const key = JSON.stringify([params, run === undefined ? versions() : digests.value.get(run)?.version]);
    if (busy.current || key === asked.current) return;
    asked.current = key;
    if (params === undefined) {
      answer.value = undefined;
      return;
    }
    busy.current = true;
    client
      .ask(name, params)
      .then((value) => (answer.value = value))
      // A run that was closed meanwhile: there is nothing to show.
      .catch(() => (answer.value = undefined))
      .finally(() => {
        busy.current = false;
        again.value++;
      });
  });
  return answer;
}

const versions = (): readonly number[] => [...digests.value.values()].map(({ version }) => version);
