// What a user would write for W2; bundled for W9's last line, never run.
import { init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";

const mlp = ([w1, b1, w2, b2, w3, b3], x) => {
  const first = nn.relu(np.matmul(x, w1).add(b1));
  const second = nn.relu(np.matmul(first, w2).add(b2));
  return np.matmul(second, w3).add(b3);
};

export async function train(weights, x, y) {
  await init("wasm");
  const lossOf = (parameters, input, target) =>
    nn
      .logSoftmax(mlp(parameters, input), -1)
      .mul(target)
      .sum()
      .mul(-1 / 128);
  const step = jit((parameters, input, target) => {
    const [loss, gradients] = valueAndGrad(lossOf)(
      parameters.map((w) => w.ref),
      input,
      target,
    );
    return [loss, parameters.map((w, index) => w.sub(gradients[index].mul(0.001)))];
  });
  return step(weights, x, y);
}
