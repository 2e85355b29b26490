import { useSignal } from "@preact/signals";
import type { PredictAnswer } from "chainrule/record";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { drawPixels, PixelPicture } from "../charts/picture.tsx";
import { largest } from "../data/search.ts";
import { percent } from "../format.ts";
import { dragging } from "../frame/drop.ts";
import { Canvas, type Draw, type Size } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { hurry } from "../scheduler.ts";
import { announcement, client, digest, runId, say, steerable, step } from "../state.ts";
import { palette } from "../theme.ts";
import { pictureOf, rangeOf } from "./ownPicture.ts";
import { centred, clear, Pad, paint } from "./pad.ts";
import { Bar, className } from "./probeSet.tsx";

const [padSize, mostMaps] = [168, 16];
const shownClasses = 3;
const [askMs, againMs] = [120, 1500];

/** A pad to draw on, or to put a picture on, and what the model says of it, again and again while it learns. */
export function DrawPad() {
  const [rows = 28, columns = 28, channels = 1] = digest.value?.description?.data.inputShape ?? [];
  const pad = useMemo(() => new Pad(rows, columns), [rows, columns]);
  /** A picture of the user's own in the place of the drawing, with numbers from 0 to 1. */
  const picture = useSignal<Float32Array | undefined>(undefined);
  const file = useRef<HTMLInputElement>(null);
  const drawn = useSignal(0);
  const pen = useSignal<{ readonly row: number; readonly column: number } | undefined>(undefined);
  const output = useSignal<readonly number[]>([]);
  const maps = useSignal<PredictAnswer["featureMaps"]>([]);
  const refusal = useSignal("");
  // The first convolution is what can be seen best.
  const first = digest.value?.description?.model?.layers.find(({ type }) => type === "Conv2D");
  const conv = first === undefined ? [] : [first.id];
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const ask = async (): Promise<void> => {
    const run = runId.value;
    if (run === undefined || (picture.value === undefined && pad.isEmpty)) return;
    try {
      const shares = picture.value ?? [...centred(pad)].flatMap((ink) => new Array<number>(channels).fill(ink));
      const [black, white] = rangeOf(await client.ask("probe", { run, step: step.value }));
      const input = Array.from(shares, (share) => black + share * (white - black));
      const answer = await client.ask("predict", { run, request: { input, layers: conv } });
      output.value = answer.output;
      maps.value = answer.featureMaps;
      refusal.value = "";
    } catch (error) {
      refusal.value = error instanceof Error ? error.message : String(error);
    }
  };
  const changed = (): void => {
    drawn.value++;
    hurry();
    // While the hand moves, too: bars that answer only when it rests are no answer.
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void ask();
    }, askMs);
  };
  const empty = (): void => {
    clear(pad);
    picture.value = undefined;
    output.value = [];
    maps.value = [];
  };
  const show = async (given: File | undefined): Promise<void> => {
    if (given === undefined) return;
    try {
      const found = await pictureOf(given, rows, columns, channels);
      empty();
      picture.value = found;
      changed();
    } catch {
      say(`${given.name} is no picture that this browser can read`, true);
    }
  };
  // The same drawing is asked about again while the model goes on learning.
  useEffect(() => {
    const repeat = setInterval(() => steerable.value && void ask(), againMs);
    return () => {
      clearInterval(repeat);
      clearTimeout(timer.current);
    };
  }, [pad]);

  const draw: Draw = (context, { width, height }) => {
    void drawn.value;
    const { line, ink, accent } = palette.value;
    const [across, down] = [width / columns, height / rows];
    const values = picture.value;
    if (values !== undefined)
      drawPixels(
        context,
        { values, height: rows, width: columns, channels, coloring: "gray" },
        0,
        0,
        width,
        height,
        palette.value,
      );
    context.strokeStyle = line;
    context.strokeRect(0.5, 0.5, width - 1, height - 1);
    context.fillStyle = ink;
    for (let at = 0; at < pad.values.length; at++) {
      const value = pad.values[at]!;
      if (value === 0) continue;
      context.globalAlpha = value;
      context.fillRect((at % columns) * across, Math.floor(at / columns) * down, across + 0.5, down + 0.5);
    }
    context.globalAlpha = 1;
    if (pen.value === undefined) return;
    context.strokeStyle = accent;
    context.lineWidth = 2;
    context.strokeRect(pen.value.column * across, pen.value.row * down, across, down);
  };
  const stroke = (x: number, y: number, size: Size, event: PointerEvent): void => {
    const canvas = event.currentTarget as HTMLCanvasElement; // the pad's own
    canvas.setPointerCapture(event.pointerId);
    picture.value = undefined;
    let last = [(x / size.width) * columns, (y / size.height) * rows] as const;
    paint(pad, ...last, ...last);
    changed();
    const box = canvas.getBoundingClientRect();
    const move = ({ clientX, clientY }: PointerEvent): void => {
      const next = [((clientX - box.left) / box.width) * columns, ((clientY - box.top) / box.height) * rows] as const;
      paint(pad, ...last, ...next);
      last = next;
      changed();
    };
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", () => canvas.removeEventListener("pointermove", move), { once: true });
  };
  /** Arrows move a pen, Space inks: who has no mouse can draw too. */
  const onKeyDown = (event: KeyboardEvent): void => {
    const { row, column } = pen.value ?? { row: Math.floor(rows / 2), column: Math.floor(columns / 2) };
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], " ": [0, 0] }[
      event.key
    ];
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const to = { row: clamp(row + move[0]!, rows), column: clamp(column + move[1]!, columns) };
    if (event.key === " " || event.shiftKey) {
      picture.value = undefined;
      paint(pad, column + 0.5, row + 0.5, to.column + 0.5, to.row + 0.5);
      changed();
    }
    pen.value = to;
    hurry();
  };
  const best = [...output.value.keys()].sort((a, b) => output.value[b]! - output.value[a]!).slice(0, shownClasses);
  const name =
    best.length === 0
      ? "A pad to draw on: arrows move the pen, Space inks"
      : `${picture.value === undefined ? "Your drawing" : "Your picture"}: ${best.map((each) => `${className(each)} ${percent(output.value[each])}`).join(", ")}`;
  useEffect(() => {
    if (output.value.length > 0) announcement.value = `This is a ${className(largest(output.value))}`;
  }, [largest(output.value)]);
  return (
    <Figure title="Draw one yourself" name={name} time={false} class="draw">
      <div class="draw-area">
        <div
          class="pad"
          tabIndex={0}
          role="application"
          aria-label="drawing pad: arrows move the pen, Space inks"
          onKeyDown={onKeyDown}
          onPaste={({ clipboardData }) => show(clipboardData?.files[0])}
          onDrop={(event) => {
            event.preventDefault();
            event.stopPropagation();
            dragging.value = false;
            void show(event.dataTransfer?.files[0]);
          }}
        >
          <Canvas draw={draw} height={padSize} onPointer={stroke} />
        </div>
        <div class="guesses" data-guess={best.length === 0 ? "" : className(best[0]!)}>
          {best.map((each) => (
            <p key={each}>
              <b>{className(each)}</b> <Bar share={output.value[each] ?? 0} /> {percent(output.value[each])}
            </p>
          ))}
          {best.length === 0 && (
            <p class="muted">
              {refusal.value !== ""
                ? refusal.value
                : steerable.value
                  ? "Draw, or drop or paste a picture, and the model says what it sees, while it learns."
                  : "A live run answers: this one is not being trained."}
            </p>
          )}
          {best.length > 0 && <p class="muted">at step {step.value}</p>}
          <p>
            <button
              type="button"
              onClick={() => {
                empty();
                changed();
              }}
            >
              Clear
            </button>{" "}
            <button type="button" onClick={() => file.current?.click()}>
              Picture…
            </button>{" "}
            {picture.value !== undefined && (
              <button
                type="button"
                data-do="invert"
                onClick={() => {
                  picture.value = picture.value?.map((share) => 1 - share);
                  changed();
                }}
              >
                Invert
              </button>
            )}
            <input
              ref={file}
              type="file"
              accept="image/*"
              hidden
              aria-label="picture of your own"
              data-open="picture"
              onChange={({ currentTarget }) => {
                void show(currentTarget.files?.[0]);
                currentTarget.value = "";
              }}
            />
          </p>
        </div>
      </div>
      {maps.value.map(({ layer, shape: [height = 0, width = 0, channels = 1], values }) => (
        <ul key={layer} class="units drawn-maps" aria-label={`what ${layer} makes of it`}>
          {Array.from({ length: Math.min(channels, mostMaps) }, (_, channel) => (
            <li key={channel}>
              <PixelPicture
                values={Float32Array.from({ length: height * width }, (_, at) => values[at * channels + channel] ?? 0)}
                height={height}
                width={width}
                coloring="sign"
                size={44}
              />
            </li>
          ))}
        </ul>
      ))}
    </Figure>
  );
}

const clamp = (value: number, size: number): number => Math.max(0, Math.min(size - 1, value));
