// The worker that places the boxes of a diagram: left to right, as the data flows.

import { Graph, layout } from "@dagrejs/dagre";
import type { FromLayout, ToLayout } from "./layoutProtocol.ts";

/** What a worker has of `self`; the library of types for pages does not know it. */
interface WorkerScope {
  postMessage(message: FromLayout): void;
  onmessage: ((event: MessageEvent<ToLayout>) => void) | null;
}
const scope = globalThis as unknown as WorkerScope;

/** Larger diagrams are ranked by longest paths, which is linear, instead of by the network simplex (as Netron does). */
const quickRanking = 400;

scope.onmessage = ({ data: { id, boxes, edges, down } }) => {
  const graph = new Graph();
  const ranker = boxes.length > quickRanking ? "longest-path" : "network-simplex";
  graph.setGraph({ rankdir: down ? "TB" : "LR", nodesep: 18, ranksep: 34, marginx: 12, marginy: 12, ranker });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id: box, width, height } of boxes) graph.setNode(box, { width, height });
  for (const [from, to] of edges) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }; // dagre writes them there
  const placed = boxes.map(({ id: box }) => {
    const { x, y } = graph.node(box) as { x: number; y: number }; // as above
    return { id: box, x, y };
  });
  const lines = edges.map(([from, to]) => {
    const { points } = graph.edge(from, to) as { points: { x: number; y: number }[] }; // as above
    return { from, to, points };
  });
  scope.postMessage({ id, width, height, boxes: placed, edges: lines });
};
