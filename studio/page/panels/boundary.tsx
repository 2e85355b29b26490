import { type Signal, useSignal } from "@preact/signals";
import type { OnDemandRequest } from "chainrule/record";
import { useEffect, useRef } from "preact/hooks";
import { drawImage, drawPixels } from "../charts/picture.tsx";
import type { Picture } from "../data/examples.ts";
import { largest } from "../data/search.ts";
import { count } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { request } from "../parts/request.ts";
import { Missing } from "../parts/small.tsx";
import { isVisible, reducedMotion } from "../scheduler.ts";
import { cursor, digest, isLive, runId, step } from "../state.ts";
import { between, channels, palette } from "../theme.ts";
import { className } from "./probeSet.tsx";

const [size, unitSize] = [232, 40];
const [gridSize, unitGrid] = [72, 24];
const [mostUnits, mostLayers] = [8, 4];
const [againMs, calmAgainMs] = [600, 4000];
const reach = 1.2;

const keyOf = ({ head }: Picture): string => [head.layer, head.key].filter(Boolean).join(" ");

/** What the model says of each point of the plane, at the cursor; also what single units say. */
export function Boundary() {
  const place = useRef<HTMLDivElement>(null);
  const chosen = useSignal("");
  const asked = useSignal<readonly Picture[]>([]);
  const question = () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value, role: "boundary" as const };
  const recorded = useAsk(place, "slices", question);
  const probe = useAsk(place, "probe", () =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value },
  );
  useLiveBoundaries(place, asked);
  // What was asked of a live run is of now; elsewhere on the time line stands what was recorded.
  const now = cursor.value === "live" && asked.value.length > 0;
  const all = now ? asked.value : (recorded.value ?? []);
  const whole = all.find(({ head }) => head.layer === undefined) ?? all[0];
  const shown = all.find((each) => keyOf(each) === chosen.value) ?? whole;
  const units = all.filter(({ head }) => head.layer !== undefined);
  const layers = [...new Set(units.map(({ head }) => head.layer ?? ""))];
  const points = (probe.value?.examples ?? []).filter(({ picture }) => picture?.values.length === 2);
  const draw: Draw = (context, { width, height }) => {
    if (shown === undefined) return;
    drawPlane(context, shown, width, height);
    const { panel, series } = palette.value;
    const [left = -reach, right = reach, bottom = -reach, top = reach] = shown.head.extent ?? [];
    for (const { truth, picture } of points) {
      const [x = 0, y = 0] = picture?.values ?? [];
      context.beginPath();
      context.arc(((x - left) / (right - left)) * width, ((top - y) / (top - bottom)) * height, 3.2, 0, 2 * Math.PI);
      context.fillStyle = series[truth > 0 ? truth % 8 : 0] ?? panel;
      context.strokeStyle = panel;
      context.lineWidth = 1.2;
      context.fill();
      context.stroke();
    }
  };
  const name =
    shown === undefined
      ? "Decision boundary: not recorded yet"
      : `Decision boundary of ${titleOf(shown)} at step ${count(shown.step)}: ${(shown.head.shape[2] ?? 1) > 2 ? "each point in the colour of its class, fainter where it is less sure" : "orange above its middle, blue below"}; ${units.length} units beside it`;
  return (
    <Figure
      title="Decision boundary"
      name={name}
      class="boundary"
      tools={shown !== undefined && <span class="muted">step {count(shown.step)}</span>}
    >
      <div ref={place} data-step={shown?.step} data-units={units.length} data-shown={shown && keyOf(shown)}>
        {shown === undefined ? (
          <Missing
            what="What the model says of each point"
            fill={
              isLive.value
                ? "It is drawn as soon as the model can be asked."
                : "Only a run that is training can be asked for it, or a log that holds it."
            }
          />
        ) : (
          <div class="planes">
            <div class="plane">
              <Canvas draw={draw} height={size} />
              <p class="muted">{titleOf(shown)}</p>
            </div>
            <div class="plane-units">
              {units.length === 0 && (
                <p class="muted">
                  {(shown.head.shape[2] ?? 1) > 2
                    ? "Each point has the colour of the class the model says, fainter where it is less sure."
                    : "Orange: above the middle of what it says; blue: below."}{" "}
                  Points are the probe set, in the colour of their true class. While the run trains, single units are
                  shown here too.
                </p>
              )}
              {layers.map((layer) => (
                <div key={layer}>
                  <h3>{layer}</h3>
                  <ul class="units small-units">
                    {units
                      .filter(({ head }) => head.layer === layer)
                      .map((each) => (
                        <li key={keyOf(each)}>
                          <button
                            type="button"
                            aria-label={titleOf(each)}
                            aria-pressed={shown === each}
                            onClick={() => {
                              chosen.value = chosen.value === keyOf(each) ? "" : keyOf(each);
                            }}
                          >
                            <Plane picture={each} />
                          </button>
                        </li>
                      ))}
                  </ul>
                </div>
              ))}
              {points.length > 0 && (
                <ul class="legend">
                  {[...new Set(points.map(({ truth }) => truth))].sort().map((truth) => (
                    <li key={truth}>
                      <span class={`chip round fill-${truth > 0 ? truth % 8 : 0}`} /> {className(truth)}
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </div>
        )}
      </div>
    </Figure>
  );
}

const titleOf = ({ head }: Picture): string =>
  head.layer === undefined ? "the model" : `unit ${head.key} of ${head.layer}`;

function Plane({ picture }: { readonly picture: Picture }) {
  const draw: Draw = (context, { width, height }) => drawPlane(context, picture, width, height);
  return <Canvas draw={draw} height={unitSize} />;
}

/** Asks a live run, as long as somebody looks: for the whole model, and for the first units of its first dense layers. */
function useLiveBoundaries(place: { readonly current: Element | null }, told: Signal<readonly Picture[]>): void {
  useEffect(() => {
    let [ended, last] = [false, -1];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const work = async (): Promise<void> => {
      const now = step.value;
      if (isLive.value && cursor.value === "live" && now !== last && isVisible(place.current)) {
        const found: Picture[] = [];
        for (const question of questions()) {
          const [picture] = (await request("boundary", question, true)) ?? [];
          if (ended) return;
          if (picture === undefined) break;
          const key = question.unit === undefined ? "plane" : String(question.unit);
          found.push({ ...picture, head: { ...picture.head, key } });
        }
        if (found.length > 0) {
          told.value = found;
          last = now;
        }
      }
      timer = setTimeout(work, reducedMotion.value ? calmAgainMs : againMs);
    };
    void work();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [runId.value]);
}

type Question = Extract<OnDemandRequest, { readonly type: "boundary" }>;

function questions(): readonly Question[] {
  const extent = [-reach, reach, -reach, reach] as const;
  const layers = digest.value?.description?.model?.layers ?? [];
  const hidden = layers.filter(({ type }) => type === "Dense").slice(0, -1);
  return [
    { type: "boundary", extent, size: gridSize },
    ...hidden.slice(0, mostLayers).flatMap(({ id, outputShapes }) =>
      Array.from({ length: Math.min(mostUnits, outputShapes[0]?.at(-1) ?? 0) }, (_, unit): Question => {
        return { type: "boundary", extent, size: unitGrid, layer: id, unit };
      }),
    ),
  ];
}

function drawPlane(context: CanvasRenderingContext2D, picture: Picture, width: number, height: number): void {
  const [rows = 0, columns = 0, classes = 1] = picture.head.shape;
  if (classes > 2) {
    drawClasses(context, picture, width, height);
    return;
  }
  const values = centreOf(planeValues(picture));
  drawPixels(context, { values, height: rows, width: columns, coloring: "sign" }, 0, 0, width, height, palette.value);
}

/** Each point has the colour of its most probable class, the fainter the less probable it is. */
function drawClasses(
  context: CanvasRenderingContext2D,
  { head, values }: Picture,
  width: number,
  height: number,
): void {
  const [rows = 0, columns = 0, classes = 1] = head.shape;
  const { series, neutral } = palette.value;
  const colors = series.map(channels);
  const pixels = new ImageData(columns, rows);
  for (let at = 0; at < rows * columns; at++) {
    const own = values.subarray(at * classes, (at + 1) * classes);
    const said = largest(own);
    // From chance, where all are the same, to certainty.
    const share = 0.2 + 0.6 * Math.max(0, Math.min(1, (own[said]! - 1 / classes) / (1 - 1 / classes)));
    const color = colors[said % colors.length] ?? neutral;
    pixels.data.set([...between(neutral, color, share), 255], 4 * at);
  }
  drawImage(context, pixels, width, height);
}

/** One value a point: of two classes how much more the second one is. */
function planeValues({ head, values }: Picture): Float32Array {
  const classes = head.shape[2] ?? 1;
  if (classes === 1) return values;
  return Float32Array.from({ length: values.length / 2 }, (_, at) => values[2 * at + 1]! - values[2 * at]!);
}

/** Classes and probabilities are told from 0 up: their middle becomes 0. */
function centreOf(values: Float32Array): Float32Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low >= 0 ? values.map((value) => value - (high <= 1 ? 0.5 : (low + high) / 2)) : values;
}
