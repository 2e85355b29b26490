import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { blocksOf, chainLayout, diagramOf, type Placed } from "../data/network.ts";
import { newWorker } from "../files.ts";
import { count, short } from "../format.ts";
import { boxSize, diagramSvg } from "../panels/diagramSvg.ts";
import { type Coloring, colorings, colorMeanings, colorMissing, useLayerValues } from "../panels/layerValues.ts";
import { NetworkDiagram } from "../panels/networkDiagram.tsx";
import { NodePanel } from "../panels/nodePanel.tsx";
import { Figure } from "../parts/figure.tsx";
import { Choice, download, Missing } from "../parts/small.tsx";
import { digest, runId, step } from "../state.ts";
import { palette } from "../theme.ts";
import type { FromLayout, ToLayout } from "../worker/layoutProtocol.ts";

/** Models of so many layers are shown with their blocks shut at first. */
const mostOpenLayers = 20;
/** Diagrams of more boxes go from the top down. */
const mostAcross = 5;
const [narrow, wideScreen, diagramMargin] = [600, 1090, 50];

/** The model as a diagram that is alive: shapes, parameters, and how each layer fares at the cursor. */
export function NetworkScreen() {
  const place = useRef<HTMLDivElement>(null);
  const model = digest.value?.description?.model;
  const open = useSignal<ReadonlySet<string>>(new Set());
  const coloring = useSignal<Coloring>("activation");
  const chosen = useSignal("");
  const zoom = useSignal(1);
  const placed = useSignal<Placed | undefined>(undefined);
  const width = useSignal(800);
  const worker = useMemo(() => newWorker("layout.js"), []);
  const asked = useRef(0);
  const values = useLayerValues(place, coloring);
  useEffect(() => {
    worker.onmessage = ({ data }: MessageEvent<FromLayout>) => {
      if (data.id === asked.current) placed.value = data;
    };
    return () => worker.terminate();
  }, [worker]);
  useEffect(() => {
    open.value = new Set(model === undefined || model.layers.length > mostOpenLayers ? [] : blocksOf(model));
  }, [model?.layers.length, runId.value]);
  const diagram = useMemo(
    () => (model === undefined ? undefined : diagramOf(model, open.value)),
    [model?.layers.length, runId.value, open.value],
  );
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      width.value = Math.round((entry?.contentRect.width ?? 0) * (innerWidth > wideScreen ? 2 / 3 : 1)) - diagramMargin;
    });
    if (place.current !== null) observer.observe(place.current);
    return () => observer.disconnect();
  }, [diagram === undefined]);
  useEffect(() => {
    if (diagram === undefined) return;
    const chain = chainLayout(diagram, width.value, boxSize);
    asked.current++;
    // What stands there now stays until the other is laid out: the focus stays in it too.
    if (chain !== undefined) placed.value = chain;
    if (chain !== undefined) return;
    const boxes = diagram.boxes.map(({ id }) => ({ id, ...boxSize }));
    // What flows far is easier to follow down than across.
    const down = boxes.length > mostAcross || width.value < narrow;
    worker.postMessage({ id: asked.current, boxes, edges: diagram.edges, down } satisfies ToLayout);
  }, [diagram, width.value]);
  if (model === undefined || diagram === undefined)
    return (
      <div ref={place}>
        <Missing
          what="The network of this run"
          fill="Its graph was not recorded: models of one's own are known by their layers only."
        />
      </div>
    );
  const toggle = (block: string): void => {
    const now = new Set(open.value);
    if (!now.delete(block)) now.add(block);
    open.value = now;
  };
  const name = `Network ${model.name}: ${model.layers.length} layers, ${count(model.parameters)} parameters, ${short(2 * model.multiplyAdds)} FLOPs an example; coloured by ${coloring.value} at step ${count(step.value)}`;
  const table = () => ({
    columns: ["layer", "type", "output", "parameters", "FLOPs", coloring.value],
    rows: model.layers.map((layer) => [
      layer.id,
      layer.type,
      layer.outputShapes.map((each) => each.slice(1).join("×")).join(", "),
      count(layer.parameters),
      short(2 * layer.multiplyAdds),
      values.value.words(layer.id),
    ]),
  });
  const box =
    diagram.boxes.find(({ id }) => id === chosen.value) ?? diagram.boxes.find(({ parameters }) => parameters > 0);
  const saveSvg = (): void => {
    if (placed.value === undefined) return;
    const text = diagramSvg(diagram, placed.value, values.value, palette.value);
    download(`${model.name}.svg`, text, "image/svg+xml");
  };
  return (
    <>
      <div class="chart-tools">
        <span class="muted">colour by</span>
        <Choice label="colour by" options={colorings} value={coloring} />
        <span class="space" />
        <span>
          <b>{count(model.parameters)}</b> <span class="muted">parameters</span>
        </span>
        <span>
          <b>{short(2 * model.multiplyAdds)}</b> <span class="muted">FLOPs an example</span>
        </span>
      </div>
      <div class="grid network" ref={place}>
        <Figure
          title={model.name}
          asIs
          name={name}
          table={table}
          class="diagram"
          tools={
            <>
              {blocksOf(model).length > 0 && (
                <>
                  <button type="button" onClick={() => (open.value = new Set(blocksOf(model)))}>
                    Open all
                  </button>
                  <button type="button" onClick={() => (open.value = new Set())}>
                    Shut all
                  </button>
                </>
              )}
              <button
                type="button"
                aria-label="smaller"
                onClick={() => (zoom.value = Math.max(0.3, zoom.value / 1.25))}
              >
                −
              </button>
              <button type="button" aria-label="larger" onClick={() => (zoom.value = Math.min(3, zoom.value * 1.25))}>
                +
              </button>
              <button type="button" onClick={saveSvg} data-do="svg">
                SVG
              </button>
            </>
          }
        >
          <p class="muted">{values.value.some ? colorMeanings[coloring.value] : colorMissing(coloring.value)}</p>
          {placed.value !== undefined && (
            <NetworkDiagram
              diagram={diagram}
              placed={placed.value}
              values={values.value}
              zoom={zoom.value}
              chosen={box?.id ?? ""}
              onChoose={(id) => (chosen.value = id)}
              onToggle={toggle}
            />
          )}
        </Figure>
        <NodePanel key={box?.id ?? ""} box={box} onToggle={toggle} />
      </div>
    </>
  );
}
