import { ShapeError } from "../../base/errors.ts";
import { printShape } from "../../base/shape.ts";
import {
  arange,
  concatenate,
  full,
  logSoftmax,
  scan,
  stack,
  type Tensor,
  takeAlongAxis,
  where,
} from "../../tensor/index.ts";
import { lossOf } from "./rule.ts";

/** The class that stands for "no label", and pads targets. */
const blank = 0;
/** Stands for log 0: finite, so that derivatives stay numbers. */
const never = -1e30;

/**
 * −log of the probability of all paths that spell the target (Graves et al. 2006). Targets [batch, length] are class numbers,
 * padded with 0, which is the blank; outputs [batch, time, classes] are logits.
 */
export const ctc = lossOf("ctc", {
  targets: "classes",
  accepts: ([batch]) => [[batch ?? null, null]],
  defaults: {},
  call: (yTrue, yPred) => {
    demandRanks(yTrue, yPred);
    const labels = yTrue.cast("i32"); // [batch, length]
    const [batch, length] = labels.shape as readonly [number, number];
    const states = 2 * length + 1;
    // Blanks between, before and after the labels: b, l₁, b, l₂, … b.
    const blanks = full([batch, length], blank, "i32");
    const path = concatenate(
      [stack([blanks, labels], -1).reshape([batch, 2 * length]), full([batch, 1], blank, "i32")],
      -1,
    ); // [batch, states]
    const logs = logSoftmax(yPred); // [batch, time, classes]
    const time = yPred.shape[1]!;
    const scores = takeAlongAxis(
      logs,
      path.reshape([batch, 1, states]).broadcastTo([batch, time, states]),
      -1,
    ).transpose([1, 0, 2]); // [time, batch, states]

    // A label may be reached from the one before without a blank between, unless both are the same.
    const before = shifted(path, 2, blank);
    const skips = path.notEqual(blank).logicalAnd(path.notEqual(before)) as Tensor;
    const position = arange(states).reshape([1, states]);
    const start = where(position.less(2).logicalAnd(path.greaterEqual(0)), scores.slice([0]), never);
    const { carry } = scan(
      (alpha: Tensor, score: Tensor) => ({ carry: advanced(alpha, skips).add(score) as Tensor, out: [] }),
      start as Tensor,
      scores.slice([{ start: 1 }]),
    );

    // Paths end in the last label or in the blank after it.
    const ends = labels.notEqual(blank).cast("i32").sum(-1, { keepDims: true }).mul(2) as Tensor; // [batch, 1]
    const last = position.equal(ends).logicalOr(position.equal(ends.sub(1))) as Tensor;
    return where(last, carry, never).logSumExp(-1).neg();
  },
});

/** The states `by` places before each, with `value` where there are none. */
function shifted(states: Tensor, by: number, value: number): Tensor {
  const [batch, count] = states.shape as readonly [number, number];
  const kept = states.slice([{}, { stop: Math.max(0, count - by) }]);
  return concatenate([full([batch, Math.min(by, count)], value, states.dtype), kept], -1);
}

/** log Σ exp over staying, coming from the state before, and skipping a blank. */
function advanced(alpha: Tensor, skips: Tensor): Tensor {
  const skipped = where(skips, shifted(alpha, 2, never), never);
  return stack([alpha, shifted(alpha, 1, never), skipped], 0).logSumExp(0);
}

function demandRanks(yTrue: Tensor, yPred: Tensor): void {
  if (yTrue.rank === 2 && yPred.rank === 3) return;
  throw new ShapeError({
    what: "ctc: expected targets [batch, length] and logits [batch, time, classes]",
    details: [
      { role: "targets", value: printShape(yTrue.shape) },
      { role: "output", value: printShape(yPred.shape) },
    ],
    hint: "pad targets with 0, the blank",
  });
}
