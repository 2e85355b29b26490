import type { LayerNode, ModelGraph } from "chainrule/record";

/** A box of the diagram: a layer, or a block of layers that is shut. */
export interface Box {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  /** Of the last layer in it. */
  readonly shape: readonly (number | null)[];
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** The layers it stands for. */
  readonly layers: readonly LayerNode[];
  /** Whether it is a block that can be opened. */
  readonly block: boolean;
}

export interface Diagram {
  readonly boxes: readonly Box[];
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** A block's id: its path. Blocks of a path stand in those of its beginnings. */
const blockId = (path: readonly string[]): string => `${path.join("/")}/`;

/** All blocks of a model, outermost first. */
export function blocksOf({ layers }: ModelGraph): string[] {
  const found = new Set<string>();
  for (const { path } of layers) path.forEach((_, depth) => void found.add(blockId(path.slice(0, depth + 1))));
  return [...found];
}

/** The diagram with these blocks open: what is in a shut block is one box. */
export function diagramOf({ layers }: ModelGraph, open: ReadonlySet<string>): Diagram {
  const boxOf = new Map<string, string>();
  const members = new Map<string, LayerNode[]>();
  for (const layer of layers) {
    const shut = layer.path.findIndex((_, depth) => !open.has(blockId(layer.path.slice(0, depth + 1))));
    const box = shut < 0 ? layer.id : blockId(layer.path.slice(0, shut + 1));
    boxOf.set(layer.id, box);
    members.set(box, [...(members.get(box) ?? []), layer]);
  }
  const boxes = [...members].map(([id, own]): Box => {
    const last = own[own.length - 1]!; // made with at least one
    const block = id.endsWith("/");
    return {
      id,
      title: block ? (id.slice(0, -1).split("/").at(-1) ?? id) : last.name,
      type: block ? `${own.length} layers` : last.type,
      shape: last.outputShapes[0] ?? [],
      parameters: own.reduce((sum, { parameters }) => sum + parameters, 0),
      multiplyAdds: own.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
      layers: own,
      block,
    };
  });
  const edges = new Map<string, readonly [string, string]>();
  for (const layer of layers) {
    for (const input of layer.inputs) {
      const [from, to] = [boxOf.get(input), boxOf.get(layer.id)];
      if (from !== undefined && to !== undefined && from !== to) edges.set(`${from} ${to}`, [from, to]);
    }
  }
  return { boxes, edges: [...edges.values()] };
}

/** Where boxes and lines of a diagram stand. */
export interface Placed {
  readonly width: number;
  readonly height: number;
  /** Middles. */
  readonly boxes: readonly { readonly id: string; readonly x: number; readonly y: number }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly points: readonly { readonly x: number; readonly y: number }[];
  }[];
}

const [gapX, gapY, margin] = [34, 40, 20];

/** A chain of boxes in rows of the given width, read like text; undefined when it is no chain. */
export function chainLayout(
  { boxes, edges }: Diagram,
  width: number,
  size: { readonly width: number; readonly height: number },
): Placed | undefined {
  const isChain =
    edges.length === boxes.length - 1 &&
    edges.every(([from, to], at) => from === boxes[at]?.id && to === boxes[at + 1]?.id);
  if (!isChain) return undefined;
  const perRow = Math.max(1, Math.floor((width - 2 * margin + gapX) / (size.width + gapX)));
  // Rows of about equal length.
  const rows = Math.ceil(boxes.length / perRow);
  const across = Math.ceil(boxes.length / rows);
  const placed = boxes.map(({ id }, at) => ({
    id,
    x: margin + size.width / 2 + (at % across) * (size.width + gapX),
    y: margin + size.height / 2 + Math.floor(at / across) * (size.height + gapY),
  }));
  const lines = edges.map(([from, to], at) => {
    const [a, b] = [placed[at]!, placed[at + 1]!];
    const [right, left] = [a.x + size.width / 2, b.x - size.width / 2];
    const start = { x: right, y: a.y };
    const end = { x: left, y: b.y };
    if (a.y === b.y) return { from, to, points: [start, end] };
    // Around the end of the row, between the rows, to the beginning of the next.
    const [outX, inX, betweenY] = [right + margin / 2, left - margin / 2, (a.y + b.y) / 2];
    const way = [
      { x: outX, y: a.y },
      { x: outX, y: betweenY },
      { x: inX, y: betweenY },
      { x: inX, y: b.y },
    ];
    return { from, to, points: [start, ...way, end] };
  });
  return {
    width: 2 * margin + across * (size.width + gapX) - gapX,
    height: 2 * margin + rows * (size.height + gapY) - gapY,
    boxes: placed,
    edges: lines,
  };
}
