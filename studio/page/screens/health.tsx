import { useSignal } from "@preact/signals";
import type { TensorRole } from "chainrule/record";
import { useRef } from "preact/hooks";
import { count } from "../format.ts";
import { GradientFlow } from "../panels/gradientFlow.tsx";
import { NanReport } from "../panels/nanReport.tsx";
import { TensorTable } from "../panels/tensorTable.tsx";
import { Choice } from "../parts/small.tsx";
import { digest } from "../state.ts";

const roles: readonly TensorRole[] = ["weight", "gradient", "update", "activation"];

/** How the tensors of the model fare: their histograms over time, and the figures that tell of trouble. */
export function HealthScreen() {
  const role = useSignal<TensorRole>("weight");
  const top = useRef<HTMLDivElement>(null);
  const { recording } = digest.value ?? {};
  return (
    <>
      <div class="chart-tools" ref={top}>
        <Choice label="kind" options={roles} value={role} nameOf={(each) => `${each}s`} />
        {recording !== undefined && (
          <span class="muted">
            {recording.stride > 0
              ? `a sample each ${count(recording.stride)} steps (automatic)`
              : "no statistics are taken"}
          </span>
        )}
      </div>
      <div class="grid health">
        <TensorTable role={role.value} key={role.value} />
        <GradientFlow />
        <NanReport />
      </div>
    </>
  );
}
