import { InternalError } from "../../../base/errors.ts";
import type { Node } from "../../../graph/node.ts";
import { cast, forLoop, int, letLocal, load, store } from "../../../kernel/build.ts";
import type { Expr, Stmt } from "../../../kernel/ir.ts";
import type { RootIndices } from "../epilogue.ts";
import type { KernelBuilder } from "../kernel.ts";
import { nest } from "../nest.ts";
import type { Work } from "../roots.ts";
import { Values } from "../value.ts";
import type { Form } from "./form.ts";

type Store = Extract<Stmt, { kind: "store" }>;
type Index = Extract<Expr, { kind: "index" }>;

/** A root and how the convolution's indices index it. */
export interface Root {
  readonly root: Node;
  readonly indices: RootIndices;
}

/** The results of one tile in scratch memory, [outputs²][block of columns], and where they belong. */
export interface TileResults {
  readonly outputs: number;
  /** Sizes of the result along the two spatial axes. */
  readonly sizes: readonly [number, number];
  readonly origin: readonly [Expr, Expr];
  /** No tile reaches over the edge. */
  readonly whole: boolean;
  readonly columns: {
    readonly first: Expr;
    readonly count: Expr;
    readonly block: number;
    readonly features: number;
  };
  readonly results: string;
  /** The indices of the node at a place of the result and a feature. */
  readonly out: (y: Expr, x: Expr, feature: Expr) => Expr[];
}

/** Writes the roots, place by place of the tile. */
export function writeRoots(
  builder: KernelBuilder,
  work: Work,
  { node }: Form,
  roots: readonly Root[],
  tile: TileResults,
): { readonly statements: Stmt[]; readonly stores: Store[] } {
  const { space } = builder;
  const { outputs, sizes, origin, columns } = tile;
  const [i, j] = [builder.index("i", outputs), builder.index("j", outputs)] as [Index, Index]; // `index` makes that kind
  const [y, x] = [builder.indexLocal("y", sizes[0]), builder.indexLocal("x", sizes[1])];
  const feature = builder.index("feature", columns.features) as Index; // `index` makes that kind
  const out = tile.out(y, x, feature);
  const at = space.flatten([i, j, space.sub(feature, columns.first)], [outputs, outputs, columns.block]);
  const element = builder.safe(load(tile.results, at, "f32"));
  const values = new Values(builder, work, (other, indices) => {
    if (other !== node) return undefined;
    if (!space.same(space.flatten(indices, node.shape), space.flatten(out, node.shape)))
      throw new InternalError("lower: the epilogue reads another element");
    return cast(element, node.dtype);
  });
  const stores = roots.map(({ root, indices }) => {
    const place = indices(space, out);
    return store(builder.write(root), space.flatten(place, root.shape), values.at(root, place)) as Store;
  });
  const limit = (axis: 0 | 1): Expr =>
    tile.whole ? int(outputs) : space.min(space.sub(int(sizes[axis]), origin[axis]), int(outputs));
  const lanes = { index: feature.name, from: columns.first, to: space.add(columns.first, columns.count) };
  const statements = [
    forLoop(i.name, int(0), limit(0), [
      letLocal(y.name, "i32", space.add(origin[0], i)),
      forLoop(j.name, int(0), limit(1), [
        letLocal(x.name, "i32", space.add(origin[1], j)),
        ...nest(builder, [lanes], stores),
      ]),
    ]),
  ];
  return { statements, stores };
}
