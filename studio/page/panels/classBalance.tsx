import { doctorLimits } from "chainrule/record";
import { useRef } from "preact/hooks";
import { count, number, percent, shape } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { digest, findSeries, runId } from "../state.ts";
import { className } from "./probeSet.tsx";

/** How many examples of each class there are, and what the first batch looked like. */
export function ClassBalance() {
  const place = useRef<HTMLDivElement>(null);
  const loss = findSeries(digest.value, "loss", "train") ?? findSeries(digest.value, "loss", "none");
  const first = useAsk(place, "valuesOf", () =>
    runId.value === undefined || loss === undefined
      ? undefined
      : { series: [{ run: runId.value, id: loss.id }], step: 1 },
  );
  const checks = checksOf(first.value?.[0]?.value);
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
        <div ref={place}>
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
          <ul class="checks" aria-label="checks">
            {checks.map(({ good, words }) => (
              <li key={words} class={good ? "" : "warn"} data-check={good ? "good" : "bad"}>
                <span aria-hidden="true">{good ? "✓" : "!"}</span> {words}
              </li>
            ))}
          </ul>
          <dl class="facts">
            {(
              [
                ["examples", count(data.examples)],
                ["validation", count(data.validationExamples)],
                ["input", shape(data.inputShape)],
              ] as const
            ).map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </Figure>
  );
}

interface Check {
  readonly good: boolean;
  readonly words: string;
}

/** What should be looked at before anything is learnt, by the doctor's limits. */
function checksOf(firstLoss: number | undefined): readonly Check[] {
  const { data, loss = [] } = digest.value?.description ?? {};
  const { mean, deviation, kind, classCounts = [], classes = [] } = data ?? {};
  const checks: Check[] = [];
  if (mean !== undefined && deviation !== undefined && kind !== "sequence") {
    const [low, high] = doctorLimits.inputDeviation;
    const good = Math.abs(mean) <= doctorLimits.inputMean && deviation >= low && deviation <= high;
    checks.push({ good, words: `first batch: mean ${number(mean)}, deviation ${number(deviation)}` });
  }
  if (classCounts.length > 1) {
    const total = classCounts.reduce((sum, each) => sum + each, 0);
    const least = Math.min(...classCounts) / (total || 1);
    checks.push({ good: least >= doctorLimits.labelShare, words: `the rarest class has ${percent(least, 1)}` });
  }
  if (firstLoss !== undefined && classes.length > 1 && loss.some((name) => /crossentropy/i.test(name))) {
    const expected = Math.log(classes.length);
    const good = Math.abs(firstLoss / expected - 1) <= doctorLimits.initialLoss;
    checks.push({ good, words: `first loss ${number(firstLoss)}; knowing nothing is ${number(expected)}` });
  }
  return checks;
}
