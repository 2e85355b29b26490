import assert from "node:assert/strict";
import { test } from "node:test";
import { fullMatch, quoted } from "./keras/pattern.ts";

// Patterns of paths in files of Keras: what they mean, whole, and that none takes long.

const cases: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ["dense/kernel", ["dense/kernel"], ["dense/kernels", "a/dense/kernel", ""]],
  [".*bias", ["bias", "dense/bias"], ["bias/a"]],
  ["encoder/.+", ["encoder/a", "encoder/a/b"], ["encoder/", "encoder"]],
  ["(a|b)/c", ["a/c", "b/c"], ["a", "ab/c"]],
  ["(?:(?:m/)?a/)?b/k", ["b/k", "a/b/k", "m/a/b/k"], ["m/b/k"]],
  ["dense(_[0-9]+)?/k", ["dense/k", "dense_12/k"], ["dense_/k", "dense_x/k"]],
  ["[^/]*/k", ["/k", "ab/k"], ["a/b/k"]],
  ["a\\.b|^c$", ["a.b", "c"], ["axb"]],
  ["a*?b+?", ["b", "aabb"], ["a"]],
  ["", [""], ["a"]],
];

test("patterns mean what Python's re.fullmatch makes of them", () => {
  for (const [pattern, yes, no] of cases) {
    const matches = fullMatch(pattern);
    assert.deepEqual([...yes, ...no].filter(matches), yes, pattern);
    // JavaScript's own expressions agree on all of these.
    const own = new RegExp(`^(?:${pattern})$`);
    assert.deepEqual(
      [...yes, ...no].filter((text) => own.test(text)),
      yes,
      pattern,
    );
  }
  for (const text of ["a.b", "conv2d_1/kernel", "x(y)[z]{2}|\\"]) assert.ok(fullMatch(quoted(text))(text));
});

test("what backtracks for ever elsewhere is answered at once, and what is not known is refused", () => {
  assert.equal(fullMatch("(a*)*(a|a)*b")("a".repeat(2000)), false);
  for (const pattern of ["(a", "a)", "*a", "a{2}", "a**", "(?=a)", "\\d", "[", "[]", "\\", "(".repeat(99)])
    assert.throws(() => fullMatch(pattern), /is not understood/, pattern);
});
