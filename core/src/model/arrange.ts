import { range } from "../base/shape.ts";
import type { Edge } from "../nn/index.ts";

export interface Box {
  readonly width: number;
  readonly height: number;
}
export interface Arrangement {
  /** The upper left corner of each box. */
  readonly places: readonly { readonly x: number; readonly y: number }[];
  /** One SVG path an edge. */
  readonly paths: readonly string[];
  readonly width: number;
  readonly height: number;
}

const gapX = 24;
const gapY = 32;
const margin = 12;
/** Sweeps that bring boxes near to what they are joined with. */
const sweeps = 8;

/** A box, or the place where an edge passes a row (width 0). */
interface Item {
  readonly box: number | undefined;
  readonly width: number;
  readonly height: number;
  readonly above: number[];
  readonly below: number[];
  row: number;
}

/** Where edges lead: from top to bottom, from left to right, or the other way. */
export type Direction = "TB" | "LR" | "BT" | "RL";

/** Boxes in rows so that edges lead in the direction; rows are columns where that is sideways. */
export function arrange(boxes: readonly Box[], edges: readonly Edge[], direction: Direction = "TB"): Arrangement {
  const sideways = direction === "LR" || direction === "RL";
  const back = direction === "BT" || direction === "RL";
  const turned = sideways ? boxes.map(({ width, height }) => ({ width: height, height: width })) : boxes;
  const { places, chains, width, height } = arrangeDown(turned, edges);
  const turn = ({ x, y }: Point): Point => {
    const along = back ? height - y : y;
    return sideways ? { x: along, y: x } : { x, y: along };
  };
  return {
    places: places.map((place, index) => {
      const { x, y } = turn(place);
      const { width, height } = boxes[index]!;
      // Backwards, a box's upper edge is its lower one.
      return !back ? { x, y } : sideways ? { x: x - width, y } : { x, y: y - height };
    }),
    paths: chains.map((points) => pathThrough(points, turn, sideways)),
    width: sideways ? height : width,
    height: sideways ? width : height,
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Boxes in rows so that edges lead down (Sugiyama et al. 1981): a row for each distance from the top, long edges through
 * gaps in the rows between, and an order in the rows in which few edges cross.
 */
function arrangeDown(boxes: readonly Box[], edges: readonly Edge[]) {
  const rows = rowsOf(boxes.length, edges);
  const items: Item[] = boxes.map((box, index) => ({ ...box, box: index, above: [], below: [], row: rows[index]! }));

  // Long edges become chains of items, one a row.
  const chains = edges.map(({ from, to }) => {
    const chain = [from];
    for (let row = rows[from]! + 1; row < rows[to]!; row++) {
      chain.push(items.push({ box: undefined, width: 0, height: 0, above: [], below: [], row }) - 1);
    }
    chain.push(to);
    for (const [at, upper] of chain.slice(0, -1).entries()) {
      items[upper]!.below.push(chain[at + 1]!);
      items[chain[at + 1]!]!.above.push(upper);
    }
    return chain;
  });

  const lines = orderedRows(items);
  const heights = lines.map((line) => Math.max(0, ...line.map((item) => items[item]!.height)));
  const widths = lines.map((line) => line.reduce((sum, item) => sum + items[item]!.width + gapX, -gapX));
  const width = Math.max(0, ...widths) + 2 * margin;
  const tops = heights.map((_, row) => margin + heights.slice(0, row).reduce((sum, height) => sum + height + gapY, 0));
  const left = new Map<number, number>();
  for (const [row, line] of lines.entries()) {
    let x = (width - widths[row]!) / 2;
    for (const item of line) {
      left.set(item, x);
      x += items[item]!.width + gapX;
    }
  }
  const middle = (item: number): number => left.get(item)! + items[item]!.width / 2;
  return {
    places: boxes.map((_, index) => ({ x: left.get(index)!, y: tops[rows[index]!]! })),
    // From the bottom of the first box to the top of the last, through the rows between.
    chains: chains.map((chain) =>
      chain.flatMap((item, at): Point[] => {
        const { row, height } = items[item]!;
        const [x, top] = [middle(item), tops[row]!];
        if (at === 0) return [{ x, y: top + height }];
        return at === chain.length - 1
          ? [{ x, y: top }]
          : [
              { x, y: top },
              { x, y: top + heights[row]! },
            ];
      }),
    ),
    width,
    height: margin + heights.reduce((sum, height) => sum + height + gapY, margin - gapY),
  };
}

/** Through the points, by turns curved between rows and straight through them. */
function pathThrough(points: readonly Point[], turn: (point: Point) => Point, sideways: boolean): string {
  const said = ({ x, y }: Point): string => `${x} ${y}`;
  const turned = points.map(turn);
  return turned.reduce((path, to, at) => {
    const from = turned[at - 1];
    if (from === undefined) return `M${said(to)}`;
    if (at % 2 === 0) return `${path} L${said(to)}`;
    const half = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    const [first, second] = sideways
      ? [
          { x: half.x, y: from.y },
          { x: half.x, y: to.y },
        ]
      : [
          { x: from.x, y: half.y },
          { x: to.x, y: half.y },
        ];
    return `${path} C${said(first)} ${said(second)} ${said(to)}`;
  }, "");
}

/** The longest way from the top to each box. Edges of a graph without circles settle in as many rounds as there are boxes. */
function rowsOf(count: number, edges: readonly Edge[]): number[] {
  const rows = new Array<number>(count).fill(0);
  for (let round = 0, moved = true; moved && round < count; round++) {
    moved = false;
    for (const { from, to } of edges) {
      if (rows[to]! > rows[from]!) continue;
      rows[to] = rows[from]! + 1;
      moved = true;
    }
  }
  return rows;
}

/** The items of each row, sorted again and again by the mean place of what they are joined with in the row before. */
function orderedRows(items: readonly Item[]): number[][] {
  const lines = range(Math.max(0, ...items.map(({ row }) => row + 1))).map((row) =>
    items.flatMap((item, index) => (item.row === row ? [index] : [])),
  );
  const place = new Map<number, number>();
  const settle = (line: readonly number[]): void => {
    for (const [at, item] of line.entries()) place.set(item, line.length === 1 ? 0.5 : at / (line.length - 1));
  };
  lines.forEach(settle);
  const near = (item: number, side: "above" | "below"): number => {
    const joined = items[item]![side];
    return joined.length === 0
      ? place.get(item)!
      : joined.reduce((sum, other) => sum + place.get(other)!, 0) / joined.length;
  };
  for (const sweep of range(sweeps)) {
    const side = sweep % 2 === 0 ? "above" : "below";
    for (const line of side === "above" ? lines : [...lines].reverse()) {
      line.sort((a, b) => near(a, side) - near(b, side));
      settle(line);
    }
  }
  return lines;
}
