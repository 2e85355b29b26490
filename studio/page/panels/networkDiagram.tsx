import { useRef } from "preact/hooks";
import type { Box, Diagram, Placed } from "../data/network.ts";
import { count, shape, short } from "../format.ts";
import { boxSize, pathOf } from "./diagramSvg.ts";
import type { LayerValues } from "./layerValues.ts";
import { Minimap } from "./minimap.tsx";

interface DiagramProps {
  readonly diagram: Diagram;
  readonly placed: Placed;
  readonly values: LayerValues;
  readonly zoom: number;
  readonly chosen: string;
  readonly onChoose: (box: string) => void;
  readonly onToggle: (block: string) => void;
}

/** Boxes and lines. A click or Enter chooses a layer, and opens a block. */
export function NetworkDiagram({ diagram, placed, values, zoom, chosen, onChoose, onToggle }: DiagramProps) {
  const view = useRef<HTMLDivElement>(null);
  const at = new Map(placed.boxes.map((box) => [box.id, box]));
  const act = (box: Box): void => {
    if (box.block) onToggle(box.id);
    else onChoose(box.id);
  };
  return (
    <div class="diagram-place">
      <div class="diagram-scroll" ref={view} tabIndex={0} role="group" aria-label="diagram">
        <svg
          viewBox={`0 0 ${placed.width} ${placed.height}`}
          width={placed.width * zoom}
          height={placed.height * zoom}
          data-boxes={placed.boxes.length}
          aria-label="layers and what flows between them"
        >
          <title>layers and what flows between them</title>
          {placed.edges.map(({ from, to, points }) => (
            <path key={`${from} ${to}`} class="edge" d={pathOf(points)} />
          ))}
          {diagram.boxes.map((box) => {
            const middle = at.get(box.id);
            if (middle === undefined) return null;
            return (
              <g
                key={box.id}
                role="button"
                tabindex={0}
                class={`box ${box.block ? "block" : ""} ${chosen === box.id ? "chosen" : ""}`}
                transform={`translate(${middle.x - boxSize.width / 2} ${middle.y - boxSize.height / 2})`}
                aria-label={nameOf(box, values)}
                aria-expanded={box.block ? false : undefined}
                data-box={box.id}
                onClick={() => act(box)}
                onKeyDown={(event) => {
                  if (event.key !== "Enter" && event.key !== " ") return;
                  event.preventDefault();
                  event.stopPropagation();
                  act(box);
                }}
              >
                <BoxPicture box={box} values={values} />
              </g>
            );
          })}
        </svg>
      </div>
      <Minimap placed={placed} zoom={zoom} view={view} />
    </div>
  );
}

const nameOf = ({ title, type, shape: sizes, parameters, layers, block }: Box, values: LayerValues): string => {
  const value = values.wordsOf(layers.map(({ id }) => id));
  return `${title}, ${type}, output ${shape(sizes)}, ${count(parameters)} parameters${value === "" ? "" : `, ${value}`}${block ? ", shut block" : ""}`;
};

function BoxPicture({ box, values }: { readonly box: Box; readonly values: LayerValues }) {
  const { title, type, shape: sizes, parameters, layers, block } = box;
  const ids = layers.map(({ id }) => id);
  const share = values.share(ids);
  const { width, height } = boxSize;
  return (
    <>
      {block && <rect x="5" y="-4" width={width - 10} height={height} rx="8" class="behind" />}
      <rect width={width} height={height} rx="8" class="face" />
      <text x="12" y="20" class="title">
        {shortened(title, 19)}
      </text>
      <text x={width - 10} y="20" class="kind">
        {block ? `+ ${type}` : fits(title, type) ? type : ""}
      </text>
      <text x="12" y="38" class="sizes">
        {shape(sizes)}
      </text>
      <text x={width - 10} y="38" class="kind">
        {parameters > 0 ? `${short(parameters)} p` : ""}
      </text>
      {share !== undefined && (
        <>
          <rect x="12" y="47" width={width - 80} height="6" rx="3" class="groove" />
          <rect
            x="12"
            y="47"
            width={Math.max(2, (width - 80) * share)}
            height="6"
            rx="3"
            class={values.warns && share > 0.25 ? "amount warned" : "amount"}
          />
          <text x={width - 10} y="54" class="kind value">
            {values.wordsOf(ids)}
          </text>
        </>
      )}
    </>
  );
}

/** Letters of a type that a line has room for, of which one of a title takes more. */
const mostLetters = 24;
const titleLetter = 1.4;

/** Whether the type stands beside the title; a name such as max_pooling2d says it already, and the panel beside does. */
const fits = (title: string, type: string): boolean => type.length + titleLetter * title.length <= mostLetters;

const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
