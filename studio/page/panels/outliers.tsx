import { type Signal, useSignal } from "@preact/signals";
import type { Picture, Split } from "../data/examples.ts";
import { count, number } from "../format.ts";
import { request } from "../parts/request.ts";
import { say } from "../state.ts";
import type { Selection } from "./mistakes.tsx";
import { className } from "./probeSet.tsx";

interface OutliersProps {
  readonly split: Split;
  readonly selection: Signal<Selection | undefined>;
}

/** Asks the training for examples that are far from the rest, and shows them where mistakes are. */
export function Outliers({ split, selection }: OutliersProps) {
  const busy = useSignal(false);
  const of = split === "train" ? "train" : "validation";
  const find = async (): Promise<void> => {
    busy.value = true;
    const found = (await request("outlier", { type: "outliers", split: of }))?.[0];
    busy.value = false;
    if (found === undefined) return;
    const examples = examplesOf(found);
    if (examples.length === 0) say(`No ${of} example is far from the rest.`);
    else selection.value = { title: `Outliers of ${of} (${count(examples.length)})`, examples };
  };
  return (
    <button
      type="button"
      disabled={busy.value}
      title="loss far above the others' (three times the distance of the quartiles above the upper one), or features as far from their class"
      onClick={find}
      data-do="outliers"
    >
      {busy.value ? "…" : "Find outliers"}
    </button>
  );
}

/** See the role "outlier" of slices. */
const examplesOf = ({ head, values }: Picture): Selection["examples"] =>
  (head.labels ?? []).map((truth, at) => {
    const [row, predicted = Number.NaN, probability = Number.NaN, loss, ofLoss = 0, ofDistance = 0, nearest = 0] =
      values.subarray(7 * at, 7 * at + 7);
    const why = [
      ofLoss > 1 ? `Its loss is ${number(ofLoss)} times what counts as far.` : "",
      ofDistance > 1
        ? `Its features lie ${number(ofDistance)} times what counts as far from class ${className(truth)}, nearest to ${className(nearest)}.`
        : "",
    ];
    return {
      key: `${head.key}/${row}`,
      truth,
      predicted: Number.isNaN(predicted) ? undefined : predicted,
      probability: Number.isNaN(probability) ? undefined : probability,
      loss,
      why: why.join(" ").trim(),
    };
  });
