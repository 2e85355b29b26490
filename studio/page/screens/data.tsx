import { useSignal } from "@preact/signals";
import type { Split } from "../data/examples.ts";
import { Attention } from "../panels/attention.tsx";
import { ClassBalance } from "../panels/classBalance.tsx";
import { type Cell, Confusion } from "../panels/confusion.tsx";
import { DrawPad } from "../panels/drawPad.tsx";
import { Embeddings } from "../panels/embeddings.tsx";
import { Mistakes } from "../panels/mistakes.tsx";
import { Choice } from "../parts/small.tsx";
import { digest } from "../state.ts";

const splits: readonly Split[] = ["train", "validation", "test"];

/** What the model says of which examples. */
export function DataScreen() {
  const split = useSignal<Split>("validation");
  const cell = useSignal<Cell | undefined>(undefined);
  const { data } = digest.value?.description ?? {};
  return (
    <>
      <div class="chart-tools">
        <Choice label="split" options={splits} value={split} />
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
      </div>
      <div class="grid data">
        <Confusion split={split.value} cell={cell} />
        <Mistakes split={split.value} cell={cell.value} />
        <Embeddings />
        {digest.value?.slices.attention !== undefined && <Attention />}
        {data?.kind === "image" && <DrawPad />}
        <ClassBalance />
      </div>
    </>
  );
}
