import { useComputed, useSignal } from "@preact/signals";
import type { TensorRole } from "chainrule/record";
import { useRef } from "preact/hooks";
import { drawHeat, drawSpark } from "../charts/heat.ts";
import type { TensorHealth } from "../data/health.ts";
import type { Heat, HeatScale, HistogramBars } from "../data/heat.ts";
import { count, figure, number, percent, shape } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { Choice, Missing } from "../parts/small.tsx";
import { digest, moveCursor, runId, step } from "../state.ts";
import { palette } from "../theme.ts";
import { UnitMap } from "./unitMap.tsx";

const [heatColumns, heatHeight, openHeight] = [320, 46, 150];

const scales: readonly HeatScale[] = ["linear", "powers"];

/** Weights and updates should be a factor of about a thousand apart. */
const usualRatio = { low: -5, high: -1 };
const deadLimits = { warn: 0.1, alarm: 0.4 };

/** All tensors of a kind: histogram over time, update ratio, norm, dead units. */
export function TensorTable({ role }: { readonly role: TensorRole }) {
  const place = useRef<HTMLDivElement>(null);
  const scale = useSignal<HeatScale>("linear");
  const health = useAsk(place, "health", () =>
    runId.value === undefined ? undefined : { run: runId.value, role, step: step.value },
  );
  const tensors = useComputed(() =>
    (digest.value?.tensors ?? []).filter((tensor) => tensor.role === role).map(({ id }) => id),
  );
  const heats = useAsk(place, "heats", () =>
    runId.value === undefined
      ? undefined
      : { run: runId.value, tensors: tensors.value, columns: heatColumns, scale: scale.value },
  );
  const all = health.value ?? [];
  const told = all.map((each) => `${each.tensor.name} ${wordsOf(each)}`).slice(0, 8);
  const name =
    all.length === 0 ? `${role}s: no statistics yet` : `${role}s at step ${count(step.value)}: ${told.join("; ")}`;
  const table = () => ({
    columns: [
      "tensor",
      "shape",
      "mean",
      "deviation",
      "min",
      "max",
      "norm",
      "log10 update/weight",
      "zeros",
      "dead",
      "not finite",
    ],
    rows: all.map((each) => [
      each.tensor.name,
      shape(each.tensor.shape),
      ...[each.mean, each.deviation, each.min, each.max, each.norm].map(number),
      number(each.updateRatio),
      percent(each.zeroShare, 1),
      percent(each.deadShare),
      count(each.nonFinite),
    ]),
  });
  return (
    <Figure
      title={`${role}s over time`}
      name={name}
      table={all.length === 0 ? undefined : table}
      class="tensors"
      tools={
        <Choice
          label="rows"
          options={scales}
          value={scale}
          nameOf={(each) => (each === "linear" ? "linear" : "powers of two")}
        />
      }
    >
      <div ref={place}>
        {all.length === 0 ? (
          <Missing
            what={`Histograms of ${role}s, layer by layer`}
            fill="The recorder takes statistics every few steps; how many is settled by what they cost."
          />
        ) : (
          <div class="tensor-list" tabIndex={0} role="group" aria-label="tensors">
            <div class="tensor-row tensor-head muted">
              <span>layer</span>
              <span>histogram over time</span>
              <span>{role === "activation" ? "saturated" : "log₁₀ update / weight"}</span>
              <span>norm</span>
              <span>{role === "activation" ? "dead" : "zeros"}</span>
            </div>
            {all.map((each) => (
              <Row key={each.tensor.id} health={each} heat={heats.value?.[tensors.value.indexOf(each.tensor.id)]} />
            ))}
          </div>
        )}
      </div>
    </Figure>
  );
}

function Row({ health, heat }: { readonly health: TensorHealth; readonly heat: Heat | undefined }) {
  const open = useSignal(false);
  const { tensor, norm, norms, updateRatio, ratios, deadShare, saturatedShare, zeroShare, nonFinite } = health;
  const draw: Draw = (context, { width, height }) => {
    if (heat !== undefined) drawHeat(context, heat, step.value, width, height, palette.value);
  };
  const middle =
    tensor.role === "activation" ? percent(saturatedShare) : (updateRatio?.toFixed(2).replace("-", "−") ?? "–");
  const verdict = ratioVerdict(updateRatio);
  const dead = deadShare ?? 0;
  return (
    <div class="tensor-row" data-tensor={tensor.name} data-dead={deadShare}>
      <button
        type="button"
        class="quiet link tensor-name"
        aria-expanded={open.value}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <Breakable name={tensor.name} />
        {nonFinite > 0 && <b class="bad">{count(nonFinite)} not finite</b>}
      </button>
      <Canvas
        draw={draw}
        height={open.value ? openHeight : heatHeight}
        class="heat"
        onPointer={(x, _, { width }) =>
          heat !== undefined && moveCursor(heat.from + (x / width) * (heat.to - heat.from))
        }
      />
      <span class="figure-cell">
        <Spark values={tensor.role === "activation" ? [] : ratios} color={0} />
        <b class={verdict === "" ? "" : "warn"}>
          {middle} {verdict}
        </b>
      </span>
      <span class="figure-cell">
        <Spark values={norms} color={1} />
        <b>{figure(norm)}</b>
      </span>
      <b class={dead > deadLimits.alarm ? "bad" : dead > deadLimits.warn ? "warn" : ""}>
        {tensor.role === "activation" ? percent(deadShare) : percent(zeroShare)}
        {dead > deadLimits.warn && " !"}
      </b>
      {open.value && <Details health={health} />}
    </div>
  );
}

/** A name that may go on in the next line where its parts end. */
const Breakable = ({ name }: { readonly name: string }) => (
  <span>
    {name.split(/(?<=[/_])|(?=[A-Z])/).map((part, at) => (
      <>
        {at > 0 && <wbr />}
        {part}
      </>
    ))}
  </span>
);

const ratioVerdict = (ratio: number | undefined): string =>
  ratio === undefined ? "" : ratio < usualRatio.low ? "low" : ratio > usualRatio.high ? "high" : "";

const wordsOf = ({ norm, updateRatio, deadShare, nonFinite }: TensorHealth): string =>
  [
    `norm ${number(norm)}`,
    ...(updateRatio === undefined ? [] : [`update ratio ${number(updateRatio)}`]),
    ...(deadShare === undefined ? [] : [`${percent(deadShare)} dead`]),
    ...(nonFinite > 0 ? [`${nonFinite} not finite`] : []),
  ].join(", ");

function Spark({ values, color }: { readonly values: readonly number[]; readonly color: number }) {
  const draw: Draw = (context, { width, height }) =>
    drawSpark(context, values, width, height, palette.value.series[color] ?? palette.value.ink);
  return <Canvas draw={draw} height={26} class="spark" />;
}

/** The histogram at the cursor, and all figures of the tensor. */
function Details({ health }: { readonly health: TensorHealth }) {
  const place = useRef<HTMLDivElement>(null);
  const { tensor, mean, deviation, min, max, zeroShare } = health;
  const bars = useAsk(place, "histogram", () =>
    runId.value === undefined ? undefined : { run: runId.value, tensor: tensor.id, step: step.value },
  );
  return (
    <div class="tensor-details" ref={place}>
      <div>
        <HistogramPicture bars={bars.value} />
        {tensor.role === "activation" && <UnitMap layer={tensor.layer} />}
      </div>
      <dl class="facts">
        {(
          [
            ["shape", shape(tensor.shape)],
            ["mean", number(mean)],
            ["deviation", number(deviation)],
            ["smallest", number(min)],
            ["largest", number(max)],
            ["zeros", percent(zeroShare, 1)],
          ] as const
        ).map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Bars of equal width: each a range of numbers twice as large as that before. */
export function HistogramPicture({ bars }: { readonly bars: HistogramBars | undefined }) {
  const draw: Draw = (context, { width, height }) => {
    const all = bars?.bars ?? [];
    const most = Math.max(1, ...all.map((bar) => bar.count));
    const { series, muted, font } = palette.value;
    const [bottom, wide] = [height - 16, width / Math.max(1, all.length)];
    for (const [at, { low, count: amount }] of all.entries()) {
      context.fillStyle = low < 0 ? series[0]! : series[1]!;
      const high = (amount / most) * (bottom - 4);
      context.fillRect(at * wide, bottom - high, Math.max(1, wide - 1), high);
    }
    context.fillStyle = muted;
    context.font = font;
    const [first, last] = [all[0], all.at(-1)];
    if (first === undefined || last === undefined) return;
    context.fillText(number(first.low), 0, height - 3);
    const zero = all.findIndex(({ low }) => low >= 0);
    if (zero > 2 && zero < all.length - 2) {
      context.textAlign = "center";
      context.fillText("0", zero * wide, height - 3);
    }
    context.textAlign = "right";
    context.fillText(number(last.high), width, height - 3);
    context.textAlign = "left";
  };
  return <Canvas draw={draw} height={96} class="histogram" />;
}
