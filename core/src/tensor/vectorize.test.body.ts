import assert from "node:assert/strict";
import { grad, jit, setDevice, type Tensor, tensor, vectorize } from "./index.ts";

// The body of the tests of `vectorize`, for every package that has a device. Expected values are numpy.vectorize's.

const counting = (shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => at),
    { shape },
  );
const rows = async (x: Tensor): Promise<unknown> => x.array();

export async function vectorizes(device: Parameters<typeof setDevice>[0]): Promise<void> {
  await setDevice(device);
  const x = counting([2, 3]);

  // Scalars, with broadcasting: where the first is the greater, their difference, else their sum.
  const differ = vectorize((a, b) =>
    a
      .greater(b)
      .cast("f32")
      .mul(a.sub(b))
      .add(a.lessEqual(b).cast("f32").mul(a.add(b))),
  );
  assert.deepEqual(await rows(differ([1, 2, 3, 4], 2)), [3, 4, 1, 2]);
  assert.deepEqual(await rows(differ(counting([2, 1]), [0, 1, 2])), [
    [0, 1, 2],
    [1, 2, 3],
  ]);
  assert.equal(await rows(differ(5, 3)), 2);
  assert.deepEqual(differ(new Float32Array(0), 1).shape, [0]);

  // Matrices by vectors: loops broadcast, and what has none is the same for all.
  const product = vectorize((m: Tensor, v: Tensor) => m.matmul(v), { signature: "(m,n),(n)->(m)" });
  const expected = [
    [5, 14],
    [14, 50],
    [23, 86],
  ];
  assert.deepEqual(await rows(product(x, counting([3, 3]))), expected);
  assert.deepEqual(await rows(jit(product)(x, counting([3, 3]))), expected);
  const batch = product(counting([4, 1, 2, 3]), counting([5, 3]));
  assert.deepEqual(batch.shape, [4, 5, 2]);
  assert.deepEqual(((await batch.array()) as number[][][])[3], [
    [59, 68],
    [230, 266],
    [401, 464],
    [572, 662],
    [743, 860],
  ]);

  // A new axis in the result, several results, and no named axis at all.
  const outer = vectorize((a: Tensor, b: Tensor) => a.reshape([-1, 1]).mul(b) as Tensor, {
    signature: "(n), (m) -> (n, m)",
  });
  assert.deepEqual(await rows(outer(counting([2, 1, 2]), [1, 2, 3])), [
    [
      [
        [0, 0, 0],
        [1, 2, 3],
      ],
    ],
    [
      [
        [2, 4, 6],
        [3, 6, 9],
      ],
    ],
  ]);
  const moments = vectorize((v: Tensor) => [v.mean(), v.sub(v.mean())] as const, { signature: "(n)->(),(n)" });
  const [means, rest] = moments(x);
  assert.deepEqual(
    [await rows(means), await rows(rest)],
    [
      [1, 4],
      [
        [-1, 0, 1],
        [-1, 0, 1],
      ],
    ],
  );

  // Excluded arguments are what they are: here, coefficients and a word.
  const polynomial = vectorize(
    (p: readonly number[], at: Tensor, sign: "plus" | "minus") =>
      p.reduce((sum: Tensor, c) => sum.mul(at).add(sign === "plus" ? c : -c) as Tensor, at.mul(0) as Tensor),
    { excluded: [0, 2] },
  );
  assert.deepEqual(await rows(polynomial([1, 2, 3], [0, 1], "plus")), [3, 6]);
  assert.deepEqual(await rows(polynomial([1, 2, 3], [0, 1], "minus")), [-3, -6]);

  // Σ (m·v)² has the gradients 2·Σ (m·v)ᵗ v of the matrix that all share, and 2·mᵗ·(m·v) of each vector.
  const [ofMatrix, ofVectors] = grad((m: Tensor, v: Tensor) => product(m, v).square().sum() as Tensor, {
    argnums: [0, 1],
  })(x, counting([3, 3])) as [Tensor, Tensor];
  assert.deepEqual(await rows(ofMatrix), [
    [360, 444, 528],
    [1332, 1632, 1932],
  ]);
  assert.deepEqual(await rows(ofVectors), [
    [84, 122, 160],
    [300, 428, 556],
    [516, 734, 952],
  ]);
}
