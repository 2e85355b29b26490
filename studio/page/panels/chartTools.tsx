import type { Axis } from "../data/lines.ts";
import { Choice } from "../parts/small.tsx";
import { axis, logX, logY, smoothing, zoom } from "../state.ts";

const axes: readonly Axis[] = ["step", "time", "epoch", "examples"];

/** What all charts agree on: the axis, logarithms, smoothing, the part that is shown. */
export function ChartTools() {
  return (
    <div class="chart-tools" role="group" aria-label="charts">
      <Choice label="horizontal axis" options={axes} value={axis} />
      <Toggle label="log x" value={logX} />
      <Toggle label="log y" value={logY} />
      <label class="parameter">
        smooth
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing.value}
          aria-label="smoothing"
          onInput={({ currentTarget }) => {
            smoothing.value = currentTarget.valueAsNumber;
          }}
        />
        <output>{smoothing.value.toFixed(2)}</output>
      </label>
      {zoom.value !== undefined && (
        <button
          type="button"
          onClick={() => {
            zoom.value = undefined;
          }}
        >
          Show all
        </button>
      )}
    </div>
  );
}

function Toggle({ label, value }: { readonly label: string; readonly value: typeof logX }) {
  return (
    <button
      type="button"
      class="toggle"
      aria-pressed={value.value}
      onClick={() => {
        value.value = !value.value;
      }}
    >
      {label}
    </button>
  );
}
