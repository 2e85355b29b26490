import { useSignal } from "@preact/signals";
import type { Split } from "../data/examples.ts";
import { Agreement } from "../panels/agreement.tsx";
import { Attention } from "../panels/attention.tsx";
import { ClassBalance } from "../panels/classBalance.tsx";
import { type Cell, Confusion } from "../panels/confusion.tsx";
import { DrawPad } from "../panels/drawPad.tsx";
import { Embeddings } from "../panels/embeddings.tsx";
import { Mistakes, type Selection } from "../panels/mistakes.tsx";
import { Outliers } from "../panels/outliers.tsx";
import { Choice } from "../parts/small.tsx";
import { digest, steerable } from "../state.ts";

/** What the model says of which examples. */
export function DataScreen() {
  const chosen = useSignal<Split>("validation");
  const splits = digest.value?.splits ?? [];
  const split = splits.includes(chosen.value) ? chosen.value : (splits[0] ?? "validation");
  const cell = useSignal<Cell | undefined>(undefined);
  const selection = useSignal<Selection | undefined>(undefined);
  const { data } = digest.value?.description ?? {};
  return (
    <>
      <div class="chart-tools">
        {splits.length > 1 ? (
          <Choice label="split" options={splits} value={chosen} />
        ) : (
          <span class="muted">{splits.length === 1 ? `${split} examples` : "nothing was evaluated yet"}</span>
        )}
        {cell.value !== undefined && (
          <button
            type="button"
            onClick={() => {
              cell.value = undefined;
            }}
          >
            All mistakes
          </button>
        )}
        {steerable.value && splits.length > 0 && <Outliers split={split} selection={selection} />}
      </div>
      <div class="grid data">
        {data !== undefined && data.classes === undefined ? (
          <>
            <Agreement />
            {selection.value !== undefined && <Mistakes split={split} cell={undefined} selection={selection} />}
          </>
        ) : (
          <>
            <Confusion split={split} cell={cell} />
            <Mistakes split={split} cell={cell.value} selection={selection} />
          </>
        )}
        <Embeddings selection={selection} />
        {digest.value?.slices.attention !== undefined && <Attention />}
        {data?.kind === "image" && steerable.value && <DrawPad />}
        <ClassBalance />
      </div>
    </>
  );
}
