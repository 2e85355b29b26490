import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { ExamplePicture } from "../charts/picture.tsx";
import type { ComparedExample } from "../data/comparison.ts";
import type { Saying } from "../data/examples.ts";
import { number, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing, MoreSwitch } from "../parts/small.tsx";
import { compared, cursor, runName, step } from "../state.ts";
import { className, isPicture, truthName } from "./probeSet.tsx";

const [atOnce, pictureSize] = [12, 34];

/** What the compared runs say of the same examples, side by side: those first that they disagree on. */
export function ProbeComparison() {
  const place = useRef<HTMLDivElement>(null);
  const all = useSignal(false);
  const runs = compared.value;
  const found = useAsk(place, "comparison", () =>
    compared.value.length < 2
      ? undefined
      : { runs: compared.value, step: cursor.value === "live" ? undefined : step.value },
  );
  const examples = (found.value ?? []).filter(({ opinions }) => opinions.some((each) => each !== undefined));
  const names = runs.map(runName);
  const judged = runs.map((_, at) => examples.filter(({ opinions }) => opinions[at] !== undefined).length);
  const right = runs.map((_, at) => examples.filter(({ truth, opinions }) => opinions[at]?.said === truth).length);
  const classifies = examples.some(({ opinions }) => opinions.some((each) => each?.kind === "class"));
  const disputed = examples.filter(isDisputed).length;
  const name =
    examples.length === 0
      ? "The same examples in all compared runs: none yet"
      : `${examples.length} examples that are in all compared runs: ${names.map((each, at) => `${each} has ${right[at]} of ${judged[at]} right`).join(", ")}; they disagree on ${disputed}`;
  const table = () => ({
    columns: ["example", "true", ...names],
    rows: examples.map((example) => [example.key, truthName(example), ...example.opinions.map(wordsOf)]),
  });
  const shown = all.value ? examples : examples.slice(0, atOnce);
  return (
    <Figure
      title="The same examples"
      name={name}
      table={examples.length === 0 ? undefined : table}
      time={false}
      class="comparison"
      tools={
        examples.length > 0 && (
          <span class="muted">{disputed === 0 ? "no disagreement" : `${disputed} of ${examples.length} disputed`}</span>
        )
      }
    >
      <div ref={place} data-examples={examples.length} data-disputed={disputed}>
        {examples.length === 0 ? (
          <Missing
            what="What several runs say of the same examples"
            fill="Tick two runs on the same data: their probe sets are compared."
          />
        ) : (
          <div class="table-scroll" tabIndex={0} role="group" aria-label="examples">
            <table class="settings">
              <thead>
                <tr>
                  <td />
                  <th scope="col">true</th>
                  {names.map((each, at) => (
                    <th key={runs[at]} scope="col" class={`series-${at % 8}`}>
                      <span class={`chip fill-${at % 8}`} /> {each}{" "}
                      {classifies && (
                        <span class="muted">
                          {right[at]} / {judged[at]} right
                        </span>
                      )}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {shown.map((example) => (
                  <tr key={example.key} data-key={example.key}>
                    <td class="thumbnail">
                      {example.picture !== undefined && isPicture(example.picture) && (
                        <ExamplePicture picture={example.picture} size={pictureSize} />
                      )}
                    </td>
                    <td>
                      <b>{truthName(example)}</b>
                    </td>
                    {example.opinions.map((opinion, at) => (
                      <td
                        key={runs[at]}
                        class={opinion?.kind === "class" && opinion.said !== example.truth ? "said-wrong" : ""}
                      >
                        {wordsOf(opinion)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
      {examples.length > atOnce && <MoreSwitch all={all} count={examples.length} />}
    </Figure>
  );
}

const wordsOf = (opinion: Saying | undefined): string => {
  if (opinion === undefined) return "–";
  if (opinion.kind === "number") return number(opinion.said);
  return `${className(opinion.said)} ${percent(opinion.probability)}`;
};

/** Numbers differ always; classes are what can be disputed. */
const isDisputed = ({ opinions }: ComparedExample): boolean =>
  new Set(opinions.flatMap((each) => (each?.kind === "class" ? [each.said] : []))).size > 1;
