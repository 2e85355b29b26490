import type { LayerNode } from "chainrule/record";
import { useRef } from "preact/hooks";
import type { Picture } from "../data/examples.ts";
import { unitSum } from "../data/unit.ts";
import { number } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { digest, runId, step } from "../state.ts";

const mostSide = 7;

interface UnitViewProps {
  readonly layer: LayerNode;
  readonly kernel: Picture;
  readonly bias: Picture | undefined;
  /** What the layer makes of the first example of the probe set. */
  readonly map: Picture | undefined;
  readonly unit: number;
}

/** One unit in numbers: input times weights, summed, for the first example of the probe set. */
export function UnitView({ layer, kernel, bias, map, unit }: UnitViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const before = digest.value?.description?.model?.layers.find(({ id }) => id === layer.inputs[0]);
  const isInput = before === undefined || before.type === "InputLayer";
  const run = runId.value;
  const given = useAsk(place, "slices", () =>
    run === undefined || isInput ? undefined : { run, step: step.value, role: "featureMap" as const, layer: before.id },
  );
  const probe = useAsk(place, "probe", () => (run === undefined || !isInput ? undefined : { run, step: step.value }));
  const input = isInput ? probe.value?.examples[0]?.picture : given.value?.[0];
  const told =
    input === undefined || map === undefined ? undefined : unitSum({ layer, kernel, bias, input, map, unit });
  return (
    <div ref={place} class="unit-view" data-unit={unit} data-sum={told?.sum}>
      {told?.kind === "patch" && told.height <= mostSide && told.width <= mostSide && (
        <>
          <p class="muted">
            Where it answers most (row {told.row}, column {told.column}), input channel {told.channel}:
          </p>
          <div class="products">
            <Numbers values={told.input} width={told.width} label="input" />
            <span aria-hidden="true">×</span>
            <Numbers values={told.weights} width={told.width} label="kernel" />
            <span>= {number(told.channelSum)}</span>
          </div>
          <p class="sum">
            {number(told.channelSum)} {signed(told.otherChannels)} from other channels {signed(told.bias)} bias ={" "}
            <b>{number(told.sum)}</b>
            {layer.activation !== undefined && `, then ${layer.activation}`}
          </p>
        </>
      )}
      {told?.kind === "terms" && (
        <>
          <p class="muted">What adds most to unit {unit}, for the first example of the probe set:</p>
          <table class="terms">
            <thead>
              <tr>
                <th scope="col">input</th>
                <th scope="col" class="numeric">
                  value
                </th>
                <th scope="col" class="numeric">
                  weight
                </th>
                <th scope="col" class="numeric">
                  product
                </th>
              </tr>
            </thead>
            <tbody>
              {told.terms.map(({ from, input: value, weight }) => (
                <tr key={from}>
                  <th scope="row">x[{from}]</th>
                  <td class="numeric">{number(value)}</td>
                  <td class="numeric">{number(weight)}</td>
                  <td class="numeric">{number(value * weight)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="sum">
            these {signed(told.others)} from others {signed(told.bias)} bias = <b>{number(told.sum)}</b>
            {layer.activation !== undefined && `, then ${layer.activation}`}
          </p>
        </>
      )}
    </div>
  );
}

const signed = (value: number): string => (value < 0 ? `− ${number(-value)}` : `+ ${number(value)}`);

/** Numbers of a small plane, coloured by sign and size. */
function Numbers({
  values,
  width,
  label,
}: {
  readonly values: readonly number[];
  readonly width: number;
  readonly label: string;
}) {
  const most = Math.max(...values.map(Math.abs), 1e-30);
  return (
    <table class="kernel" aria-label={label}>
      <tbody>
        {Array.from({ length: Math.ceil(values.length / width) }, (_, row) => (
          <tr key={row}>
            {values.slice(row * width, (row + 1) * width).map((value, column) => (
              <td
                key={column}
                class={`${value < 0 ? "right" : "wrong"} level-${Math.round((Math.abs(value) / most) * 6)}`}
              >
                {value.toFixed(2).replace("-", "−")}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
