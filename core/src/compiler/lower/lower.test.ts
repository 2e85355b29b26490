import { test } from "node:test";
import type { Graph } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { reachable } from "../../graph/walk.ts";
import { interpret } from "../../reference/interpret.ts";
import { assertClose, conformanceSamples } from "../../reference/samples.ts";
import {
  type Clustering,
  everyNode,
  largeTarget,
  runClusters,
  smallTarget,
  viewsInside,
  wholeGraph,
} from "./testing.ts";

const lowered = (graph: Graph): boolean => reachable(graph.outputs).every(({ op }) => op !== "scan" && op !== "cond");
const isContraction = (graph: Graph): boolean => reachable(graph.outputs).some((node) => kindOf(node) === "contract");
const isOpaque = (graph: Graph): boolean =>
  reachable(graph.outputs).some((node) => ["opaque", "cumulative"].includes(kindOf(node)));

const ways: { readonly [name: string]: (graph: Graph) => Clustering | undefined } = {
  "every node stored": everyNode,
  "views pulled through": viewsInside,
  "one loop cluster": (graph) => (isOpaque(graph) ? undefined : wholeGraph(graph)),
  "one contract cluster": (graph) => (isContraction(graph) ? wholeGraph(graph, "contract") : undefined),
};

for (const { op, dtype, samples } of conformanceSamples()) {
  test(`kernels of ${op} ${dtype} equal the reference`, () => {
    for (const { name, graph, inputs, tolerance } of samples) {
      if (!lowered(graph)) continue;
      const expected = interpret(graph, inputs);
      for (const [way, cut] of Object.entries(ways)) {
        const clustering = cut(graph);
        if (clustering === undefined) continue;
        for (const target of way === "views pulled through" ? [smallTarget, largeTarget] : [smallTarget]) {
          const order = target === smallTarget ? "backward" : "forward";
          const actual = runClusters(graph, inputs, clustering, target, order);
          for (const [i, array] of actual.entries()) assertClose(array, expected[i]!, tolerance, `${name}, ${way}`);
        }
      }
    }
  });
}
