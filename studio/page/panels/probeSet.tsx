import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { ExamplePicture } from "../charts/picture.tsx";
import type { ProbeExample } from "../data/examples.ts";
import { largest } from "../data/search.ts";
import { count, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { classNames, runId, step } from "../state.ts";

const atOnce = 12;
const pictureSize = 34;

/** The same examples through the whole run: what the model says of them at the cursor. */
export function ProbeSet() {
  const place = useRef<HTMLDivElement>(null);
  const all = useSignal(false);
  const probe = useAsk(place, "probe", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value },
  );
  const examples = probe.value?.examples ?? [];
  const known = examples.filter(({ probabilities }) => probabilities.length > 0);
  const right = known.filter(({ truth, probabilities }) => largest(probabilities) === truth).length;
  const at = count(probe.value?.step ?? 0);
  const name =
    examples.length === 0
      ? "Probe set: no examples yet"
      : `Probe set: ${right} of ${examples.length} examples right at step ${at}`;
  const table = () => ({
    columns: ["example", "true", "said", "probability"],
    rows: examples.map(({ key, truth, probabilities }) => {
      const said = largest(probabilities);
      return [key, className(truth), className(said), percent(probabilities[said], 1)];
    }),
  });
  const shown = all.value ? examples : worstFirst(examples).slice(0, atOnce);
  return (
    <Figure
      title="Probe set"
      name={name}
      table={examples.length === 0 ? undefined : table}
      class="probe"
      tools={
        examples.length > 0 && (
          <span class="muted">
            {right} / {examples.length} right
          </span>
        )
      }
    >
      <div ref={place} class="probe-list" data-step={probe.value?.step} data-right={right}>
        {examples.length === 0 ? (
          <Missing
            what="A few examples, watched through the whole run"
            fill="The recorder takes 64 of the validation data, and asks the model about them at each evaluation."
          />
        ) : (
          <ul>
            {shown.map((example) => (
              <Example key={example.key} example={example} />
            ))}
          </ul>
        )}
      </div>
      {examples.length > atOnce && (
        <button
          type="button"
          class="quiet link"
          onClick={() => {
            all.value = !all.value;
          }}
        >
          {all.value ? "Fewer" : `All ${examples.length}`}
        </button>
      )}
    </Figure>
  );
}

export const className = (index: number): string => classNames.value[index] ?? String(index);

/** Those that the model likes least to be true, first: they are what is still to be learnt. */
const worstFirst = (examples: readonly ProbeExample[]): readonly ProbeExample[] =>
  [...examples].sort((a, b) => (a.probabilities[a.truth] ?? 1) - (b.probabilities[b.truth] ?? 1));

function Example({ example: { truth, picture, probabilities, history } }: { readonly example: ProbeExample }) {
  const said = largest(probabilities);
  const wrong = said !== truth;
  return (
    <li class={wrong ? "wrong" : ""}>
      {picture !== undefined && <ExamplePicture picture={picture} size={pictureSize} />}
      <span class="truth">{className(truth)}</span>
      {probabilities.length > 0 && (
        <>
          <span class="said">
            {wrong ? "✗" : "✓"} {className(said)}
          </span>
          <Bar share={probabilities[said] ?? 0} wrong={wrong} />
          <span class="value">{percent(probabilities[said])}</span>
          <span class="history" title="right (filled) or wrong at the evaluations so far" aria-hidden="true">
            {history.slice(-8).map((each, at) => (
              <i key={at} class={each === truth ? "hit" : ""} />
            ))}
          </span>
        </>
      )}
    </li>
  );
}

/** A share as a bar. */
export const Bar = ({ share, wrong = false }: { readonly share: number; readonly wrong?: boolean }) => (
  <span class={wrong ? "bar bar-wrong" : "bar"} aria-hidden="true">
    <span style={{ width: `${100 * Math.max(0, Math.min(1, share))}%` }} />
  </span>
);
