import assert from "node:assert/strict";
import { test } from "node:test";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { type Tensor, vectorize, zeros } from "./index.ts";
import { vectorizes } from "./vectorize.test.body.ts";

for (const device of ["reference", "wasm"] as const) {
  test(`vectorize on ${device} is numpy.vectorize, with derivatives`, () => vectorizes(device));
}

test("what does not fit a signature is said in words", () => {
  const same = (x: Tensor): Tensor => x;
  const by = (signature: string) => vectorize(same, { signature });
  for (const text of ["(n)", "n->n", "(n,)->()", "(n)->(n),"])
    assert.throws(
      () => by(text),
      (error: Error) => error instanceof ArgumentError && error.message.includes(`"${text}"`),
    );
  assert.throws(
    () => by("(m,n)->(m,n)")(zeros([3])),
    /argument 0 has fewer axes than \(m,n\)\n.*signature[^\n]*\n.*received +\[3\]/,
  );
  assert.throws(() => by("(n,n)->(n,n)")(zeros([2, 3])), /axis of another size[\s\S]*n = 2/);
  assert.throws(() => by("(n),(n)->(n)")(zeros([3])), /takes 2 arguments, received 1/);
  assert.throws(
    () => by("(n)->()")(zeros([3])),
    (error) => error instanceof ShapeError && /result 0 has 1 axes instead of 0/.test(error.message),
  );
  assert.throws(() => by("(n)->(n),()")(zeros([3])), /gives 2 results, received 1/);
  const sum = vectorize((x: Tensor, y: Tensor) => x.dot(y) as Tensor, { signature: "(n),(n)->()" });
  assert.throws(() => sum(zeros([2, 3]), zeros([3, 3])), /vectorize: shapes \[2\] and \[3\] do not broadcast/);
  assert.throws(() => vectorize(same, { excluded: [1] })(zeros([3])), /no argument 1 to exclude among 1/);
  // @ts-expect-error two arguments are declared
  assert.throws(() => sum(zeros([3])), /takes 2 arguments/);
});
