// The training loop written out: a traced step, gradients as values, an optimizer that is applied by hand.
// It learns to tell two interleaved spirals apart, the classic that no straight line can separate.
import {
  jit,
  layers,
  losses,
  optimizers,
  random,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  valueAndGrad,
} from "chainrule";

const points = 512;
const epochs = 20;
const batchSize = 64;
const batches = points / batchSize;

/** Points on two spirals around the origin, [points, 2], and the spiral that each is on, [points, 1]. */
function spirals(): { readonly xs: Float32Array; readonly ys: Float32Array } {
  const xs = new Float32Array(2 * points);
  const ys = new Float32Array(points);
  for (let index = 0; index < points; index++) {
    const turn = 0.5 + (index / points) * 2 * Math.PI;
    const side = index % 2;
    xs[2 * index] = (turn / 3) * Math.cos(turn + side * Math.PI);
    xs[2 * index + 1] = (turn / 3) * Math.sin(turn + side * Math.PI);
    ys[index] = side;
  }
  return { xs, ys };
}

setRandomSeed(1);
const model = sequential([
  layers.input([2]),
  layers.dense(64, { activation: "relu" }),
  layers.dense(64, { activation: "relu" }),
  layers.dense(1, { activation: "sigmoid" }),
]);
const loss = losses.binaryCrossentropy();
const optimizer = optimizers.adam({ learningRate: 0.01 });

/** One step: forward, backward and update are recorded once, and run as one compiled program from then on. */
const step = jit((x: Tensor, y: Tensor) => {
  const [value, gradients] = valueAndGrad(
    () => loss.call(y, model(x, { training: true })).mean(),
    model.trainableVariables,
  );
  optimizer.apply(gradients, model.trainableVariables);
  return value;
});

const { xs, ys } = spirals();
const x = tensor(xs, { shape: [points, 2] });
const y = tensor(ys, { shape: [points, 1] });
for (let epoch = 1; epoch <= epochs; epoch++) {
  const order = random.permutation(points);
  const values: Tensor[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const rows = order.slice([{ start: batch * batchSize, stop: (batch + 1) * batchSize }]);
    values.push(step(x.take(rows, 0), y.take(rows, 0)));
  }
  if (epoch % 5 === 0) {
    const mean = values.reduce((sum, value) => sum.add(value)).div(batches);
    console.log(`epoch ${String(epoch).padStart(2)}: loss ${(await mean.item()).toFixed(4)}`);
  }
}

const right = model(x).greater(0.5).equal(y.greater(0.5));
console.log(`accuracy ${(100 * (await right.cast("f32").mean().item())).toFixed(1)}%`);
