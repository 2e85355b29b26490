import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ShapeError } from "./errors.ts";

test("an error says what, what was received and what to do, once", () => {
  const error = new ShapeError({
    what: "matmul: inner sizes differ, 784 and 512",
    details: [{ role: "left", value: "[32, 784]", origin: "flatten" }],
    hint: "reshape its input",
  });
  assert.equal(
    error.message,
    "matmul: inner sizes differ, 784 and 512\n  left  [32, 784]  flatten\n  hint  reshape its input",
  );
  assert.equal(error.name, "ShapeError");
  assert.equal(error.parts.hint, "reshape its input");
  assert.equal(inspect(error).match(/reshape its input/g)?.length, 1);
});
