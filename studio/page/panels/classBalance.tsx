import { count, number, percent, shape } from "../format.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { digest } from "../state.ts";
import { className } from "./probeSet.tsx";

/** How many examples of each class there are, and what the first batch looked like. */
export function ClassBalance() {
  const { data } = digest.value?.description ?? {};
  const counts = data?.classCounts ?? [];
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, each) => sum + each, 0);
  const name =
    counts.length === 0
      ? "Class balance: not known"
      : `Class balance: ${counts.length} classes of ${count(Math.min(...counts))} to ${count(Math.max(...counts))} examples`;
  const table = () => ({
    columns: ["class", "examples", "share"],
    rows: counts.map((each, at) => [className(at), count(each), percent(each / total, 1)]),
  });
  return (
    <Figure title="Data" name={name} table={counts.length === 0 ? undefined : table} time={false} class="balance">
      {data === undefined ? (
        <Missing what="What the examples are" fill="The run's description tells it." />
      ) : (
        <>
          {counts.length > 0 && (
            <div class="balance-bars" aria-hidden="true">
              {counts.slice(0, 40).map((each, at) => (
                <span key={at}>
                  <i style={{ height: `${(100 * each) / most}%` }} class={each / total < 0.01 ? "fill-1" : "fill-0"} />
                  <small>{className(at)}</small>
                </span>
              ))}
            </div>
          )}
          <dl class="facts">
            {(
              [
                ["examples", count(data.examples)],
                ["validation", count(data.validationExamples)],
                ["input", shape(data.inputShape)],
                ["mean of the first batch", number(data.mean)],
                ["deviation", number(data.deviation)],
              ] as const
            ).map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </Figure>
  );
}
