// jax-js's worker. `jax.mjs cold` takes W2's first training step instead, and ends. Arguments are owned by whom they are
// given to; `.ref` keeps one for later.
import { Worker as NodeWorker } from "node:worker_threads";
import { coldStep, labels, serve, uniform } from "./protocol.mjs";

const threads = Number(process.env.BENCH_THREADS ?? 1);
if (threads > 1) shimWorkers();
const {
  init,
  jit,
  nn,
  numpy: np,
  lax,
  scipySpecial,
  valueAndGrad,
  blockUntilReady,
  defaultDevice,
} = await import("@jax-js/jax");

/** In Node it computes on one thread unless there are browsers' workers; these are as much of them as it uses. */
function shimWorkers() {
  const urls = new Map();
  const prologue = `
    const { parentPort } = require("node:worker_threads");
    globalThis.self = globalThis;
    globalThis.postMessage = (data) => parentPort.postMessage(data);
    parentPort.on("message", (data) => globalThis.onmessage({ data }));`;
  Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: threads }, configurable: true });
  const NodeBlob = globalThis.Blob;
  globalThis.Blob = class extends NodeBlob {
    constructor(parts, options) {
      super(parts, options);
      this.text0 = parts.join("");
    }
  };
  URL.createObjectURL = (blob) => {
    const url = `blob:${urls.size}`;
    urls.set(url, blob.text0);
    return url;
  };
  URL.revokeObjectURL = () => {};
  globalThis.Worker = class {
    constructor(url) {
      this.worker = new NodeWorker(prologue + urls.get(url), { eval: true });
      this.worker.on("message", (data) => this.onmessage?.({ data }));
      this.worker.on("error", (error) => this.onerror?.(error));
      this.worker.unref();
    }
    postMessage(data) {
      this.worker.ref();
      this.worker.postMessage(data);
    }
  };
}

const tensor = (shape) => np.array(uniform(shape.reduce((a, b) => a * b, 1)), { shape });
const weight = (shape, scale = 0.05) =>
  np.array(
    uniform(shape.reduce((a, b) => a * b, 1)).map((x) => x * scale),
    { shape },
  );

function oneHot(rows, classes) {
  const values = new Float32Array(rows * classes);
  labels(rows, classes).forEach((label, row) => {
    values[row * classes + label] = 1;
  });
  return np.array(values, { shape: [rows, classes] });
}

/** One Adam update of all parameters, with Keras's constants. */
function adam(parameters, gradients, means, squares, step) {
  const unseen = (beta) =>
    np
      .exp(step.ref.mul(Math.log(beta)))
      .mul(-1)
      .add(1);
  const alpha = np.sqrt(unseen(0.999)).div(unseen(0.9)).mul(0.001);
  const next = parameters.map((w, index) => {
    const g = gradients[index];
    const mean = means[index].mul(0.9).add(g.ref.mul(0.1));
    const square = squares[index].mul(0.999).add(g.ref.mul(g).mul(0.001));
    return [w.sub(mean.ref.mul(alpha.ref).div(np.sqrt(square.ref).add(1e-7))), mean, square];
  });
  alpha.dispose();
  return [0, 1, 2].map((slot) => next.map((entry) => entry[slot]));
}

/** A jitted training step of parameters under `lossOf(parameters, x, y)`. */
function training(parameters, lossOf, x, y) {
  const step = jit((weights, means, squares, count, input, target) => {
    const [loss, gradients] = valueAndGrad(lossOf)(
      weights.map((w) => w.ref),
      input,
      target,
    );
    const now = count.add(1);
    const [nextWeights, nextMeans, nextSquares] = adam(weights, gradients, means, squares, now.ref);
    return [loss, nextWeights, nextMeans, nextSquares, now];
  });
  const zeros = () => parameters.map((w) => np.zeros(w.shape));
  let state = [parameters, zeros(), zeros(), np.array(0)];
  return async () => {
    const [loss, ...next] = step(...state, x.ref, y.ref);
    state = next;
    return loss.data();
  };
}

const crossEntropy = (logits, target) =>
  nn
    .logSoftmax(logits, -1)
    .mul(target)
    .sum()
    .mul(-1 / target.shape[0]);

const mlp = ([w1, b1, w2, b2, w3, b3], x) => {
  const first = nn.relu(np.matmul(x, w1).add(b1));
  const second = nn.relu(np.matmul(first, w2).add(b2));
  return np.matmul(second, w3).add(b3);
};
const layer = (before, after) => [weight([before, after]), np.zeros([after])];

const convLayer = (before, after) => [weight([after, before, 3, 3]), np.zeros([1, after, 1, 1])];
const pool = (x) => lax.reduceWindow(x, np.max, [1, 1, 2, 2], [1, 1, 2, 2]);
const conv = (x, kernel, bias) => nn.relu(lax.convGeneralDilated(x, kernel, [1, 1], "VALID").add(bias));
const convnet = ([k1, c1, k2, c2, k3, c3, w, b], x) => {
  const features = conv(pool(conv(pool(conv(x, k1, c1)), k2, c2)), k3, c3);
  return np.matmul(features.reshape([64, 1152]), w).add(b);
};

/** Unrolled: there is no scan. */
function lstm([kernel, recurrent, bias, w, b], x) {
  const [batch, steps, features, units] = [32, 120, 14, 64];
  const projected = np.matmul(x.reshape([steps * batch, features]), kernel).add(bias);
  const inputs = np.split(projected, steps, 0);
  let h = np.zeros([batch, units]);
  let c = np.zeros([batch, units]);
  for (const input of inputs) {
    const [i, f, g, o] = np.split(input.add(np.matmul(h, recurrent.ref)), 4, -1);
    c = nn
      .sigmoid(f)
      .mul(c)
      .add(nn.sigmoid(i).mul(np.tanh(g)));
    h = nn.sigmoid(o).mul(np.tanh(c.ref));
  }
  c.dispose();
  recurrent.dispose();
  return np.matmul(h, w).add(b);
}

function multiplying(a, b, multiply) {
  const product = jit(multiply);
  return async () => {
    const c = product(a.ref, b.ref);
    await blockUntilReady(c);
    c.dispose();
  };
}

const square = (size, layout) => async () => {
  const multiply = {
    "": (a, b) => np.matmul(a, b),
    " AtB": (a, b) => np.matmul(a.transpose(), b),
    " ABt": (a, b) => np.matmul(a, b.transpose()),
  }[layout];
  return multiplying(tensor([size, size]), tensor([size, size]), multiply);
};

const elementwise = (compute) => async () => {
  const x = tensor([16_777_216]);
  const run = jit(compute);
  return async () => {
    const y = run(x.ref);
    await blockUntilReady(y);
    y.dispose();
  };
};

const mlpTraining = () =>
  training(
    [...layer(784, 512), ...layer(512, 512), ...layer(512, 10)],
    (parameters, x, y) => crossEntropy(mlp(parameters, x), y),
    tensor([128, 784]),
    oneHot(128, 10),
  );

const cases = {
  ...Object.fromEntries(
    [256, 512, 1024, 2048].flatMap((size) =>
      ["", " AtB", " ABt"].map((layout) => [`W1 ${size}${layout}`, square(size, layout)]),
    ),
  ),
  "W1 batched": async () => multiplying(tensor([8, 6, 256, 64]), tensor([8, 6, 64, 256]), (a, b) => np.matmul(a, b)),
  "W2 train": async () => mlpTraining(),
  "W3 train": async () =>
    training(
      [...convLayer(1, 32), ...convLayer(32, 64), ...convLayer(64, 128), ...layer(1152, 10)],
      (parameters, x, y) => crossEntropy(convnet(parameters, x), y),
      tensor([64, 1, 28, 28]),
      oneHot(64, 10),
    ),
  "W6 train": async () =>
    training(
      [weight([14, 256], 0.2), weight([64, 256], 0.1), np.zeros([256]), ...layer(64, 1)],
      (parameters, x, y) => {
        const error = lstm(parameters, x).sub(y);
        return error.ref.mul(error).mean();
      },
      tensor([120, 32, 14]),
      tensor([32, 1]),
    ),
  "W7 predict": async () => {
    const parameters = [...layer(784, 128), ...layer(128, 10)];
    const predict = jit(([w1, b1, w2, b2], x) =>
      nn.softmax(np.matmul(nn.relu(np.matmul(x, w1).add(b1)), w2).add(b2), -1),
    );
    const x = tensor([1, 784]);
    return () =>
      predict(
        parameters.map((w) => w.ref),
        x.ref,
      ).data();
  },
  "W8 gelu": elementwise((x) => {
    const z = x.mul(1.5).add(0.25);
    return z.ref.mul(0.5).mul(scipySpecial.erf(z.mul(Math.SQRT1_2)).add(1));
  }),
  "W8 sum": elementwise((x) => x.sum()),
};

const begin = async () => {
  await init("wasm");
  defaultDevice("wasm");
};
if (process.argv[2] === "cold") {
  await begin();
  await coldStep(mlpTraining());
} else {
  let begun;
  const use = async () => {
    begun ??= begin();
    await begun;
    return { device: threads > 1 ? "wasm, worker shim" : "wasm", threads };
  };
  await serve({ cases, use });
}
