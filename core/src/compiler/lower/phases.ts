import { range, sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { cast, int, number } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import type { IndexSpace } from "../../kernel/space.ts";
import { type Axis, arrange, type Contraction } from "./contraction.ts";
import { convInput } from "./reducer.ts";
import type { Work } from "./roots.ts";

/** Along one spatial axis: the results that are `residue` modulo the spread, and the taps that meet elements there. */
interface Phase {
  readonly residue: number;
  readonly results: number;
  readonly first: number;
  readonly taps: number;
  readonly step: number;
}

const mostPhases = 16;

/**
 * A convolution over an image that is spread out with zeros (the image gradient of one with strides), as one contraction for
 * each residue of the result's position: only the taps that meet elements are multiplied. Undefined for other nodes.
 */
export function phasesOf(work: Work, node: Node): Contraction[] | undefined {
  if (!isOp(node, "conv")) return undefined;
  const { stride, dilation, spread, pad } = node.attrs;
  const [x, w] = node.inputs as readonly [Node, Node];
  if (sizeOf(spread) === 1 || sizeOf(spread) > mostPhases) return undefined;
  if (spread.some((step, axis) => step > 1 && (stride[axis] !== 1 || dilation[axis] !== 1))) return undefined;
  const along = spread.map((step, axis) =>
    range(step).map((residue): Phase => {
      const [size, taps] = [node.shape[axis + 1]!, w.shape[axis]!];
      const first = step === 1 ? 0 : (((pad[axis]![0] - residue) % step) + step) % step; // one pair an axis
      const results = Math.ceil((size - residue) / step);
      return { residue, results, first, taps: Math.max(0, Math.ceil((taps - first) / step)), step };
    }),
  );
  const all = along.reduce<Phase[][]>(
    (found, phases) => found.flatMap((rest) => phases.map((each) => [...rest, each])),
    [[]],
  );
  return all
    .filter((phases) => phases.every(({ results }) => results > 0))
    .map((phases) => arrange(work, phase(node, x, w, phases)));
}

function phase(node: Node<"conv">, x: Node, w: Node, phases: readonly Phase[]): Contraction {
  const rank = phases.length;
  const axis = (name: string, extent: number): Axis => ({ name, extent });
  const n = axis("n", x.shape[0]!);
  const group = axis("g", x.shape[rank + 1]!);
  const feature = axis("f", w.shape[rank + 2]!);
  const spatial = phases.map(({ results }, i) => axis(`s${i}`, results));
  // Where no tap meets an element, the result is zero: a sum of one zero.
  const empty = phases.some(({ taps }) => taps === 0);
  const window = phases.map(({ taps }, i) => axis(`w${i}`, empty ? 1 : taps));
  const channel = axis("c", empty ? 1 : x.shape[rank + 2]!);
  const placed = (space: IndexSpace, index: Expr, i: number): Expr =>
    space.add(space.mul(index, phases[i]!.step), int(phases[i]!.residue));
  return {
    node,
    batch: [group],
    rows: [n, ...spatial],
    columns: [feature],
    sum: [...window, channel],
    out: [n, ...spatial, group, feature],
    place: (space, out) => {
      const i = spatial.indexOf(out);
      return (index) => (i < 0 ? index : placed(space, index, i));
    },
    left: (pull, at) => {
      if (empty) return number(0, "f32");
      const taps = window.map((each, i) =>
        pull.space.add(pull.space.mul(at(each), phases[i]!.step), int(phases[i]!.first)),
      );
      const out = [at(n), ...spatial.map((each, i) => placed(pull.space, at(each), i)), at(group), int(0)];
      return cast(convInput(pull, node, out, [...taps, at(channel)]), "f32");
    },
    right: (pull, at) => {
      if (empty) return number(0, "f32");
      const taps = window.map((each, i) =>
        pull.space.add(pull.space.mul(at(each), phases[i]!.step), int(phases[i]!.first)),
      );
      return cast(pull.at(w, [...taps, at(group), at(channel), at(feature)]), "f32");
    },
  };
}
