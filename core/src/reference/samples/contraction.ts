import { numbers } from "../../base/dtype.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import * as build from "../../graph/build.ts";
import type { AttrsOf } from "../../graph/primitives.ts";
import { named, type SampleRule, sample, summed } from "./sample.ts";

/** "bik,bkj->bij" with one letter a label, and the size of each letter. */
type ContractRow = readonly [labels: string, sizes: Readonly<Record<string, number>>];

/** Every class of labels (batch, rows, columns, sum), absent and present, in every order; sizes around the tiles' borders. */
const contractRows: readonly ContractRow[] = [
  ["ik,kj->ij", { i: 1, j: 1, k: 1 }],
  ["ik,kj->ij", { i: 5, j: 10, k: 7 }],
  ["ik,kj->ij", { i: 32, j: 10, k: 33 }],
  ["ik,kj->ij", { i: 65, j: 130, k: 37 }],
  ["ik,kj->ij", { i: 17, j: 70, k: 300 }],
  ["ik,kj->ij", { i: 1, j: 100, k: 64 }],
  ["ik,kj->ij", { i: 100, j: 1, k: 13 }],
  ["ik,kj->ij", { i: 3, j: 4, k: 0 }],
  ["ik,kj->ij", { i: 0, j: 4, k: 3 }],
  ["ik,kj->ji", { i: 13, j: 33, k: 7 }],
  ["ki,kj->ij", { i: 33, j: 10, k: 65 }],
  ["ik,jk->ij", { i: 33, j: 17, k: 9 }],
  ["ki,jk->ji", { i: 20, j: 9, k: 31 }],
  ["k,k->", { k: 129 }],
  ["k,k->", { k: 1 }],
  ["ik,k->i", { i: 33, k: 17 }],
  ["k,kj->j", { j: 13, k: 40 }],
  ["i,j->ij", { i: 7, j: 13 }],
  ["i,j->ji", { i: 7, j: 13 }],
  ["i,i->i", { i: 13 }],
  ["bik,bkj->bij", { b: 3, i: 7, j: 9, k: 13 }],
  ["bik,bkj->bij", { b: 1, i: 17, j: 5, k: 4 }],
  ["bki,bjk->jbi", { b: 3, i: 7, j: 9, k: 5 }],
  ["ibk,kjb->jib", { b: 4, i: 5, j: 6, k: 7 }],
  ["bk,bk->b", { b: 5, k: 33 }],
  ["bi,bj->bij", { b: 3, i: 5, j: 7 }],
  ["bqhd,bkhd->bhqk", { b: 2, q: 5, h: 3, d: 8, k: 7 }],
  ["bhqk,bkhd->bqhd", { b: 2, q: 5, h: 3, d: 8, k: 7 }],
  ["ikl,klj->ij", { i: 9, j: 10, k: 3, l: 5 }],
  ["kil,ljk->ij", { i: 9, j: 10, k: 3, l: 5 }],
  ["abk,kcd->acbd", { a: 2, b: 3, c: 4, d: 5, k: 6 }],
];

const [simple, none] = [{ stride: [1], dilation: [1], spread: [1] }, [0, 0]] as const;

interface ConvRow {
  readonly x: Shape;
  readonly w: Shape;
  readonly attrs: AttrsOf<"conv">;
}
const conv = (x: Shape, w: Shape, attrs: AttrsOf<"conv">): ConvRow => ({ x, w, attrs });
const plain = (rank: number): AttrsOf<"conv"> => {
  const ones = new Array<number>(rank).fill(1);
  return { stride: ones, dilation: ones, spread: ones, pad: ones.map(() => [0, 0] as const) };
};

/** x [n, ...spatial, groups, in], w [...window, groups, in, out]. */
const convRows: readonly ConvRow[] = [
  conv([1, 1, 1, 1], [1, 1, 1, 1], plain(1)),
  conv([2, 9, 1, 3], [3, 1, 3, 4], plain(1)),
  conv([2, 9, 1, 3], [3, 1, 3, 4], { ...simple, pad: [[1, 1]] }),
  conv([2, 9, 1, 3], [3, 1, 3, 4], { ...simple, pad: [[2, 0]], dilation: [1] }),
  conv([1, 13, 1, 2], [3, 1, 2, 5], { ...simple, stride: [2], pad: [[0, 1]] }),
  conv([1, 13, 1, 2], [3, 1, 2, 5], { ...simple, dilation: [3], pad: [none] }),
  conv([1, 13, 1, 2], [4, 1, 2, 5], { ...simple, stride: [3], dilation: [2], pad: [[2, 3]] }),
  conv([2, 5, 1, 3], [4, 1, 3, 2], { ...simple, spread: [2], pad: [[3, 3]] }),
  conv([2, 5, 1, 3], [2, 1, 3, 2], { ...simple, spread: [3], stride: [2], pad: [[0, 2]] }),
  conv([2, 9, 1, 3], [2, 1, 3, 2], { ...simple, pad: [[-2, -1]] }),
  conv([2, 5, 1, 3], [2, 1, 3, 2], { ...simple, spread: [2], pad: [[-1, 2]] }),
  conv([2, 7, 3, 2], [3, 3, 2, 4], { ...simple, pad: [[1, 1]] }),
  conv([0, 7, 1, 2], [3, 1, 2, 4], { ...simple, pad: [[1, 1]] }),

  conv([1, 5, 5, 1, 1], [3, 3, 1, 1, 1], plain(2)),
  conv([2, 8, 7, 1, 3], [3, 3, 1, 3, 10], plain(2)),
  conv([2, 8, 7, 1, 3], [3, 3, 1, 3, 10], {
    ...plain(2),
    pad: [
      [1, 1],
      [1, 1],
    ],
  }),
  conv([2, 9, 8, 1, 5], [3, 2, 1, 5, 7], {
    ...plain(2),
    stride: [2, 3],
    pad: [
      [0, 1],
      [1, 0],
    ],
  }),
  conv([1, 9, 8, 1, 2], [3, 2, 1, 2, 3], { ...plain(2), dilation: [2, 3] }),
  conv([2, 4, 5, 1, 3], [3, 3, 1, 3, 2], {
    ...plain(2),
    spread: [2, 2],
    pad: [
      [2, 2],
      [1, 2],
    ],
  }),
  conv([2, 6, 6, 1, 8], [1, 1, 1, 8, 16], plain(2)),
  conv([2, 7, 7, 1, 8], [1, 1, 1, 8, 5], { ...plain(2), stride: [2, 2] }),
  conv([2, 6, 5, 2, 3], [3, 3, 2, 3, 4], {
    ...plain(2),
    pad: [
      [1, 1],
      [1, 1],
    ],
  }),
  conv([2, 6, 5, 9, 1], [3, 3, 9, 1, 1], {
    ...plain(2),
    pad: [
      [1, 1],
      [1, 1],
    ],
  }),
  conv([1, 6, 5, 5, 1], [3, 3, 5, 1, 2], { ...plain(2), stride: [2, 1] }),
  conv([1, 6, 6, 1, 2], [2, 2, 1, 2, 2], {
    ...plain(2),
    pad: [
      [-1, 0],
      [1, -2],
    ],
  }),
  // A window as large as the picture: the weight gradient's shape.
  conv([3, 9, 9, 1, 4], [7, 7, 1, 4, 5], plain(2)),
  conv([2, 13, 13, 1, 16], [3, 3, 1, 16, 33], plain(2)),
  conv([1, 10, 10, 1, 40], [3, 3, 1, 40, 20], {
    ...plain(2),
    pad: [
      [1, 1],
      [1, 1],
    ],
  }),

  conv([1, 3, 4, 5, 1, 2], [2, 2, 3, 1, 2, 3], plain(3)),
  conv([2, 4, 4, 5, 1, 2], [2, 3, 3, 1, 2, 3], {
    ...plain(3),
    stride: [1, 2, 2],
    pad: [
      [1, 0],
      [1, 1],
      [0, 2],
    ],
  }),
  conv([1, 3, 3, 4, 2, 2], [2, 2, 2, 2, 2, 1], {
    ...plain(3),
    spread: [1, 2, 1],
    dilation: [1, 1, 2],
    pad: [
      [0, 0],
      [1, 1],
      [0, 0],
    ],
  }),
];

/** The samples of contractions and convolutions. */
export const contractionSamples = {
  contract: {
    dtypes: numbers,
    samples: (dtype, random) =>
      contractRows.map(([labels, sizes]) => {
        const [a, b, out] = labels.split(/,|->/).map((letters) => [...letters]) as [string[], string[], string[]]; // three parts
        const shapeOf = (letters: readonly string[]): number[] => letters.map((letter) => sizes[letter]!);
        const terms = sizeOf(shapeOf(a.filter((letter) => !out.includes(letter))));
        return sample(
          `${labels} ${named(shapeOf(a))} ${named(shapeOf(b))}`,
          [random.array(shapeOf(a), dtype, -1, 1), random.array(shapeOf(b), dtype, -1, 1)],
          (x, y) => build.contract(x!, y!, { a, b, out }),
          summed(dtype, terms),
        );
      }),
  },
  conv: {
    dtypes: numbers,
    samples: (dtype, random) =>
      convRows.map(({ x, w, attrs }) =>
        sample(
          `${named(x)} ${named(w)} ${JSON.stringify(attrs)}`,
          [random.array(x, dtype, -1, 1), random.array(w, dtype, -1, 1)],
          (image, kernel) => build.conv(image!, kernel!, attrs),
          summed(dtype, sizeOf(w.slice(0, -1))),
        ),
      ),
  },
} satisfies Record<string, SampleRule>;
