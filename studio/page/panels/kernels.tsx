import { useRef } from "preact/hooks";
import { count, milliseconds, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { runId, step, withoutModel } from "../state.ts";
import { Bar } from "./probeSet.tsx";

const shown = 12;

/** The kernels that took longest in the steps that were timed. */
export function Kernels() {
  const place = useRef<HTMLDivElement>(null);
  const found = useAsk(place, "spans", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value },
  );
  const kernels = found.value?.kernels ?? [];
  const speed = (multiplyAdds: number, ms: number): string =>
    multiplyAdds > 0 ? `${((2 * multiplyAdds) / ms / 1e6).toFixed(1)}` : "";
  const name =
    kernels.length === 0
      ? "Top kernels: none timed yet"
      : `Top kernels: ${kernels
          .slice(0, 3)
          .map((kernel) => `${kernel.name} ${percent(kernel.share)}`)
          .join(", ")}`;
  const table = () => ({
    columns: ["kernel", "layer", "time", "share", "launches", "GFLOP/s"],
    rows: kernels.map((kernel) => [
      kernel.name,
      kernel.layer,
      milliseconds(kernel.ms),
      percent(kernel.share, 1),
      count(kernel.count),
      speed(kernel.multiplyAdds, kernel.ms),
    ]),
  });
  return (
    <Figure title="Top kernels" name={name} table={kernels.length === 0 ? undefined : table} class="kernels">
      <div ref={place} class="table-scroll" tabIndex={0} role="group" aria-label="kernels">
        {kernels.length === 0 ? (
          <Missing what="The kernels that take longest" fill="They come with the time line." />
        ) : (
          <table>
            <thead>
              <tr>
                <th scope="col">kernel</th>
                <th scope="col">layer</th>
                <th scope="col" class="bar-column">
                  share
                </th>
                <th scope="col" class="numeric">
                  time
                </th>
                <th scope="col" class="numeric">
                  GFLOP/s
                </th>
              </tr>
            </thead>
            <tbody>
              {kernels.slice(0, shown).map((kernel) => (
                <tr key={`${kernel.name} ${kernel.layer}`}>
                  <th scope="row" class="clipped" title={kernel.name}>
                    <code>{kernel.name}</code>
                  </th>
                  <td class="muted clipped" title={kernel.layer}>
                    {withoutModel(kernel.layer)}
                  </td>
                  <td>
                    <span class="bar-value">
                      <Bar share={kernel.share} /> {percent(kernel.share)}
                    </span>
                  </td>
                  <td class="numeric">{milliseconds(kernel.ms)}</td>
                  <td class="numeric">{speed(kernel.multiplyAdds, kernel.ms)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Figure>
  );
}
