import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { ExamplePicture, planeOf } from "../charts/picture.tsx";
import type { Picture, ProbeExample, Saying } from "../data/examples.ts";
import { count, number, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing, MoreSwitch } from "../parts/small.tsx";
import { classNames, runId, step } from "../state.ts";

const atOnce = 12;
const pictureSize = 34;
/** Letters from which names have columns of their own. */
const longName = 3;

/** The same examples through the whole run: what the model says of them at the cursor. */
export function ProbeSet() {
  const place = useRef<HTMLDivElement>(null);
  const all = useSignal(false);
  const probe = useAsk(place, "probe", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value },
  );
  const examples = probe.value?.examples ?? [];
  const right = examples.filter(isRight).length;
  const errors = examples.flatMap((each) => errorOf(each) ?? []);
  const error = errors.reduce((sum, each) => sum + each, 0) / errors.length;
  const summary = errors.length > 0 ? `mean error ${number(error)}` : `${right} / ${examples.length} right`;
  const at = count(probe.value?.step ?? 0);
  const unjudged =
    examples.length > 0 && probe.value?.told === true && examples.every(({ saying }) => saying === undefined);
  const name =
    examples.length === 0
      ? "Probe set: no examples yet"
      : unjudged
        ? `Probe set: ${examples.length} examples, not judged`
        : errors.length > 0
          ? `Probe set: ${examples.length} examples, ${summary} at step ${at}`
          : `Probe set: ${right} of ${examples.length} examples right at step ${at}`;
  const names = Math.max(
    0,
    ...examples.flatMap((each) => (each.saying?.kind === "class" ? [truthName(each).length] : [])),
  );
  const table = () => ({
    columns: ["example", "true", "said", "probability"],
    rows: examples.map((example) => [
      example.key,
      truthName(example),
      saidName(example.saying),
      example.saying?.kind === "class" ? percent(example.saying.probability, 1) : "",
    ]),
  });
  const shown = all.value ? examples : worstFirst(examples).slice(0, atOnce);
  return (
    <Figure
      title="Probe set"
      name={name}
      table={examples.length === 0 ? undefined : table}
      class="probe"
      tools={examples.length > 0 && !unjudged && <span class="muted">{summary}</span>}
    >
      <div ref={place} class="probe-list" data-step={probe.value?.step} data-right={right}>
        {examples.length === 0 ? (
          <Missing
            what="A few examples, watched through the whole run"
            fill="The recorder takes some of the validation data, and asks the model about them at each evaluation."
          />
        ) : unjudged ? (
          <Missing
            what={`${examples.length} examples are followed`}
            fill="This model says more than one class or number of each, which is not judged here; the log has it all."
          />
        ) : (
          <ul class={names > longName ? "named" : ""}>
            {errors.length > 0 && (
              <li class="of-numbers muted" aria-hidden="true">
                <span />
                <span>true</span>
                <span>said</span>
                <span />
                <span>error</span>
              </li>
            )}
            {shown.map((example) => (
              <Example key={example.key} example={example} worst={Math.max(...errors)} />
            ))}
          </ul>
        )}
      </div>
      {examples.length > atOnce && !unjudged && <MoreSwitch all={all} count={examples.length} />}
    </Figure>
  );
}

export const className = (index: number): string =>
  classNames.value[index] ?? (Number.isInteger(index) ? String(index) : number(index));

/** What an example is: the name of its class, or its number. */
export const truthName = ({ truth, ...rest }: { readonly truth: number } & Partial<ProbeExample>): string =>
  rest.saying?.kind === "number" || !Number.isInteger(truth) ? number(truth) : className(truth);

const saidName = (saying: Saying | undefined): string =>
  saying === undefined ? "" : saying.kind === "class" ? className(saying.said) : number(saying.said);

const isRight = ({ truth, saying }: ProbeExample): boolean => saying?.kind === "class" && saying.said === truth;
const errorOf = ({ truth, saying }: ProbeExample): number | undefined =>
  saying?.kind === "number" ? Math.abs(saying.said - truth) : undefined;

/** Those that the model likes least to be true, first: they are what is still to be learnt. */
const worstFirst = (examples: readonly ProbeExample[]): readonly ProbeExample[] => {
  const rank = (each: ProbeExample): number =>
    each.saying?.kind === "class" ? each.saying.ofTruth : -(errorOf(each) ?? Number.NEGATIVE_INFINITY);
  return [...examples].sort((a, b) => rank(a) - rank(b));
};

const fewestPixels = 4;
/** Whether an example can be seen: a few numbers in a row are no picture. */
/** The numbers of an example that is no picture. */
export const numbersOf = ({ values }: Picture): string =>
  `${[...values.slice(0, 6)].map((value) => number(value)).join(", ")}${values.length > 6 ? ", …" : ""}`;
export function isPicture(picture: Picture): boolean {
  const { height, width } = planeOf(picture);
  return height >= fewestPixels && width >= fewestPixels;
}

interface ExampleProps {
  readonly example: ProbeExample;
  /** The largest error of all, where numbers are said. */
  readonly worst: number;
}

function Example({ example, worst }: ExampleProps) {
  const { truth, picture, saying, history } = example;
  const isClass = saying?.kind === "class";
  const wrong = isClass && saying.said !== truth;
  return (
    <li class={`${wrong ? "wrong" : ""} ${isClass ? "" : "of-numbers"}`}>
      {picture !== undefined && isPicture(picture) ? <ExamplePicture picture={picture} size={pictureSize} /> : <span />}
      <span class="truth" title={truthName(example)}>
        {truthName(example)}
      </span>
      {saying !== undefined && (
        <>
          <span class="said" title={saidName(saying)}>
            {isClass ? (wrong ? "✗ " : "✓ ") : ""}
            {saidName(saying)}
          </span>
          <Bar
            share={isClass ? saying.probability : (errorOf(example) ?? 0) / (worst || 1)}
            wrong={wrong || !isClass}
          />
          <span class="value">{isClass ? percent(saying.probability) : number(errorOf(example))}</span>
          <span class="history" title="right (filled) or wrong at the evaluations so far" aria-hidden="true">
            {history.slice(-8).map((each, at) => (
              <i key={at} class={each ? "hit" : ""} />
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
