import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { drawPixels } from "../charts/picture.tsx";
import type { Picture } from "../data/examples.ts";
import { largest } from "../data/search.ts";
import { count } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { client, runId, say, steerable, step } from "../state.ts";
import { palette } from "../theme.ts";

const size = 220;
const gridSize = 96;
const reach = 1.2;

/** What the model says of each point of the plane, at the cursor; also what single units say. */
export function Boundary() {
  const place = useRef<HTMLDivElement>(null);
  const unit = useSignal("");
  const asked = useSignal<readonly Picture[]>([]);
  const question = () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value, role: "boundary" as const };
  const pictures = useAsk(place, "slices", question);
  const known = [...(pictures.value ?? []), ...asked.value];
  const keys = [...new Set(known.map(({ head }) => [head.layer, head.key].filter(Boolean).join(" ")))];
  const shown =
    known.find(({ head }) => [head.layer, head.key].filter(Boolean).join(" ") === unit.value) ?? pictures.value?.[0];
  const draw: Draw = (context, { width, height }) => {
    if (shown === undefined) return;
    const [rows = 0, columns = 0] = shown.head.shape;
    const centred = centreOf(planeValues(shown));
    drawPixels(
      context,
      { values: centred, height: rows, width: columns, coloring: "sign" },
      0,
      0,
      width,
      height,
      palette.value,
    );
  };
  const request = async (): Promise<void> => {
    const run = runId.value;
    if (run === undefined) return;
    const extent = [-reach, reach, -reach, reach] as const;
    try {
      asked.value = await client.ask("request", {
        run,
        role: "boundary",
        request: { type: "boundary", extent, size: gridSize },
      });
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), true);
    }
  };
  const name =
    shown === undefined
      ? "Decision boundary: not recorded yet"
      : `Decision boundary of ${shown.head.layer ?? "the model"} at step ${count(shown.step)}: orange above its middle, blue below`;
  return (
    <Figure
      title="Decision boundary"
      name={name}
      class="boundary"
      tools={
        <>
          {keys.length > 1 && (
            <select
              aria-label="unit"
              value={unit.value}
              onChange={({ currentTarget }) => {
                unit.value = currentTarget.value;
              }}
            >
              {keys.map((key) => (
                <option key={key}>{key}</option>
              ))}
            </select>
          )}
          {steerable.value && (
            <button type="button" onClick={request}>
              Draw now
            </button>
          )}
        </>
      }
    >
      <div ref={place} data-step={shown?.step}>
        {shown === undefined ? (
          <Missing
            what="What the model says of each point"
            fill="A run that is training on data in the plane can be asked for it."
          />
        ) : (
          <Canvas draw={draw} height={size} />
        )}
      </div>
    </Figure>
  );
}

/** One value a point: of two classes how much more the second one is, of several the most probable one. */
function planeValues({ head, values }: Picture): Float32Array {
  const classes = head.shape[2] ?? 1;
  if (classes === 1) return values;
  return Float32Array.from({ length: values.length / classes }, (_, at) => {
    const own = values.subarray(at * classes, (at + 1) * classes);
    return classes === 2 ? own[1]! - own[0]! : largest(own);
  });
}

/** Classes and probabilities are told from 0 up: their middle becomes 0. */
function centreOf(values: Float32Array): Float32Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low >= 0 ? values.map((value) => value - (low + high) / 2) : values;
}
