import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Split } from "../data/examples.ts";
import { count, isShare, number, percent, words } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { Figure } from "../parts/figure.tsx";
import { Choice, Missing } from "../parts/small.tsx";
import { runId, step } from "../state.ts";
import { palette, sequential } from "../theme.ts";
import { className } from "./probeSet.tsx";

/** A cell of the confusion matrix. */
export interface Cell {
  readonly truth: number;
  readonly said: number;
}

type Unit = "share" | "count";
const units: readonly Unit[] = ["share", "count"];
/** Larger matrices are pictures without numbers. */
const mostNumbered = 24;

interface ConfusionProps {
  readonly split: Split;
  readonly cell: Signal<Cell | undefined>;
}

/** True classes against what was said; a cell shows its examples. */
export function Confusion({ split, cell }: ConfusionProps) {
  const place = useRef<HTMLDivElement>(null);
  const unit = useSignal<Unit>("share");
  const found = useAsk(place, "evaluation", () =>
    runId.value === undefined ? undefined : { run: runId.value, split, step: step.value },
  );
  const { confusion = [], classes = 0, logs = {} } = found.value?.value ?? {};
  const at = count(found.value?.step ?? 0);
  const worst = worstCell(confusion, classes);
  const name =
    classes === 0
      ? "Confusion matrix: no evaluation yet"
      : `Confusion matrix of ${split} at step ${at}: ${percent(rightShare(confusion, classes), 1)} right${
          worst === undefined ? "" : `; most often ${className(worst.truth)} was taken for ${className(worst.said)}`
        }`;
  const table = () => ({
    columns: ["true", ...Array.from({ length: classes }, (_, said) => className(said))],
    rows: Array.from({ length: classes }, (_, truth) => [
      className(truth),
      ...confusion.slice(truth * classes, (truth + 1) * classes).map(count),
    ]),
  });
  return (
    <Figure
      title="Confusion"
      name={name}
      table={classes === 0 ? undefined : table}
      class="confusion"
      tools={
        classes > 0 && (
          <Choice label="unit" options={units} value={unit} nameOf={(each) => (each === "share" ? "%" : "n")} />
        )
      }
    >
      <div ref={place} data-step={found.value?.step}>
        {classes === 0 ? (
          <Missing what="Which classes are taken for which" fill="It is recorded when a classifier is evaluated." />
        ) : classes > mostNumbered ? (
          <BigMatrix confusion={confusion} classes={classes} cell={cell} />
        ) : (
          <Matrix confusion={confusion} classes={classes} cell={cell} unit={unit.value} />
        )}
        {classes > 0 && (
          <p class="muted">
            Rows: true. Columns: said. Step {at}
            {Object.entries(logs).map(
              ([label, value]) => `, ${words(label)} ${isShare(label) ? percent(value, 1) : number(value)}`,
            )}
          </p>
        )}
      </div>
    </Figure>
  );
}

interface MatrixProps {
  readonly confusion: readonly number[];
  readonly classes: number;
  readonly cell: Signal<Cell | undefined>;
}

/** Cells by the classes, of which the wrong ones have ten steps of orange and the right ones of blue. */
function Matrix({ confusion, classes, cell, unit }: MatrixProps & { readonly unit: Unit }) {
  const indices = Array.from({ length: classes }, (_, at) => at);
  return (
    <table class="matrix">
      <thead>
        <tr>
          <td />
          {indices.map((said) => (
            <th key={said} scope="col">
              {className(said)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {indices.map((truth) => {
          const row = confusion.slice(truth * classes, (truth + 1) * classes);
          const total = row.reduce((sum, each) => sum + each, 0);
          return (
            <tr key={truth}>
              <th scope="row">{className(truth)}</th>
              {row.map((amount, said) => {
                const share = total === 0 ? 0 : amount / total;
                const level = Math.min(9, Math.ceil((said === truth ? share : Math.sqrt(share)) * 9));
                const chosen = cell.value?.truth === truth && cell.value.said === said;
                return (
                  <td key={said}>
                    <button
                      type="button"
                      class={`${said === truth ? "right" : "wrong"} level-${level}`}
                      aria-pressed={chosen}
                      aria-label={`true ${className(truth)}, said ${className(said)}: ${amount}`}
                      data-count={amount}
                      onClick={() => {
                        cell.value = chosen ? undefined : { truth, said };
                      }}
                    >
                      {amount === 0
                        ? ""
                        : unit === "count"
                          ? count(amount)
                          : share < 0.005
                            ? "·"
                            : (100 * share).toFixed(0)}
                    </button>
                  </td>
                );
              })}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function BigMatrix({ confusion, classes, cell }: MatrixProps) {
  const draw: Draw = (context, { width, height }) => {
    const size = Math.min(width, height);
    const pixels = new ImageData(classes, classes);
    for (let truth = 0; truth < classes; truth++) {
      const row = confusion.slice(truth * classes, (truth + 1) * classes);
      const total = row.reduce((sum, each) => sum + each, 0) || 1;
      for (const [said, amount] of row.entries())
        pixels.data.set([...sequential(palette.value, Math.sqrt(amount / total)), 255], 4 * (truth * classes + said));
    }
    const canvas = new OffscreenCanvas(classes, classes);
    canvas.getContext("2d")?.putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(canvas, 0, 0, size, size);
  };
  return (
    <Canvas
      draw={draw}
      height={420}
      onPointer={(x, y, { width, height }) => {
        const size = Math.min(width, height);
        const [said, truth] = [Math.floor((x / size) * classes), Math.floor((y / size) * classes)];
        if (said < classes && truth < classes) cell.value = { truth, said };
      }}
    />
  );
}

const rightShare = (confusion: readonly number[], classes: number): number => {
  const total = confusion.reduce((sum, each) => sum + each, 0);
  const right = confusion.reduce((sum, each, at) => (at % (classes + 1) === 0 ? sum + each : sum), 0);
  return right / (total || 1);
};

/** The most frequent confusion. */
function worstCell(confusion: readonly number[], classes: number): Cell | undefined {
  let [most, worst]: [number, Cell | undefined] = [0, undefined];
  for (const [at, amount] of confusion.entries()) {
    const [truth, said] = [Math.floor(at / classes), at % classes];
    if (truth !== said && amount > most) [most, worst] = [amount, { truth, said }];
  }
  return worst;
}
