import { computed } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { bytes, count, duration, milliseconds, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { digest, isLive, runId, step } from "../state.ts";

/** A single step may hold an evaluation or wait for a compiler: the median of so many is told. */
const usualSteps = 25;

/** What a step's time went into, the speed, and when the run will be done. */
export function Pace() {
  const place = useRef<HTMLDivElement>(null);
  const question = () => (runId.value === undefined ? undefined : { run: runId.value, step: step.value });
  const values = useAsk(place, "usual", () => {
    const at = question();
    return at === undefined ? undefined : { ...at, count: usualSteps };
  });
  const memory = useAsk(place, "memory", question);
  const parts = useMemo(() => computed(() => partsOf(values.value ?? {})), []);
  const { total, shares } = parts.value;
  const { batchSize = 0, steps = 0 } = digest.value?.description ?? {};
  const left = Math.max(0, steps - step.value) * (total / 1000);
  const name = () =>
    total === 0
      ? "A step: no times yet"
      : `A step takes ${milliseconds(total)}, the median of ${usualSteps}: ${shares.map(({ label, ms }) => `${label} ${milliseconds(ms)}`).join(", ")}`;
  const table = () => ({
    columns: ["part", "milliseconds", "share"],
    rows: shares.map(({ label, ms }) => [label, String(ms), percent(ms / total, 1)]),
  });
  return (
    <Figure title="A step" name={name()} table={total === 0 ? undefined : table} class="pace">
      <div ref={place}>
        {total === 0 ? (
          <Missing what="Where the time of a step goes" fill="The recorder writes it with every step." />
        ) : (
          <>
            <div class="split-bar" aria-hidden="true">
              {shares.map(({ label, ms, color }) => (
                <span key={label} class={`fill-${color}`} style={{ flexGrow: (100 * ms) / total }} />
              ))}
            </div>
            <ul class="legend">
              {shares.map(({ label, ms, color }) => (
                <li key={label} class={`series-${color}`}>
                  <span class={`chip fill-${color}`} />
                  {label} <b>{milliseconds(ms)}</b>
                </li>
              ))}
            </ul>
            <dl class="facts">
              <Fact label={`median of ${usualSteps}`} value={milliseconds(total)} />
              <Fact label="examples a second" value={batchSize > 0 ? count((1000 * batchSize) / total) : "–"} />
              {isLive.value && <Fact label="time left" value={duration(left)} />}
              {memory.value !== undefined && <Fact label="memory" value={bytes(memory.value.report.bytes)} />}
              <Fact label="device" value={digest.value?.description?.device.name ?? "–"} />
            </dl>
          </>
        )}
      </div>
    </Figure>
  );
}

const Fact = ({ label, value }: { readonly label: string; readonly value: string }) => (
  <div>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
);

const colors: Readonly<Record<string, number>> = {
  data: 3,
  forward: 0,
  backward: 4,
  update: 2,
  compute: 0,
  record: 5,
  rest: 7,
};

interface Share {
  readonly label: string;
  readonly ms: number;
  readonly color: number;
}

/** The series of milliseconds of a step: "stepMs" is all of it, and the others ("dataMs", "recordMs", …) are parts. */
function partsOf(values: Readonly<Record<number, number>>): {
  total: number;
  shares: readonly Share[];
} {
  const times = (digest.value?.series ?? []).filter(
    ({ group, unit, layer }) => group === "time" && unit === "ms" && layer === undefined,
  );
  const msOf = (id: number): number => {
    const value = values[id] ?? 0;
    return Number.isFinite(value) && value > 0 ? value : 0;
  };
  const parts = times
    .filter(({ name }) => name !== "stepMs" && name.endsWith("Ms"))
    .map(({ id, name }) => ({ label: name.slice(0, -2), ms: msOf(id) }))
    .filter(({ ms }) => ms > 0);
  const known = parts.reduce((sum, { ms }) => sum + ms, 0);
  const whole = times.find(({ name }) => name === "stepMs");
  const total = Math.max(known, whole === undefined ? 0 : msOf(whole.id));
  const rest = total - known;
  // What is left of a step is what the device computes, unless its parts are told.
  const split = parts.some(({ label }) => label === "forward");
  const all = rest > 0.005 * total ? [...parts, { label: split ? "rest" : "compute", ms: rest }] : parts;
  const sorted = all.sort((a, b) => orderOf(a.label) - orderOf(b.label));
  return { total, shares: sorted.map((part) => ({ ...part, color: colors[part.label] ?? 6 })) };
}

const orderOf = (label: string): number => {
  const place = ["data", "forward", "compute", "backward", "update", "record", "rest"].indexOf(label);
  return place < 0 ? 5.5 : place;
};
