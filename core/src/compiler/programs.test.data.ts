import { gradient, remat } from "../autodiff/index.ts";
import { input } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import type { Program } from "../kernel/plan.ts";
import * as ops from "../ops/index.ts";

/*
 * Composite programs for the tests of the compiler: training steps as the layers above write them.
 */

/** A program with the given outputs; `updates` are new values of inputs, `results` fresh outputs. */
export function program(
  name: string,
  inputs: readonly Node<"input">[],
  results: readonly Node[],
  updates: readonly (readonly [Node, Node])[] = [],
): Program {
  return {
    name,
    graph: { inputs, outputs: [...results, ...updates.map(([, value]) => value)] },
    replaces: [
      ...results.map(() => undefined),
      ...updates.map(([variable]) => inputs.indexOf(variable as Node<"input">)),
    ],
  };
}

/** Adam (Kingma and Ba, 2015) as Keras writes it: the inputs it needs and the new values of all of them. */
export function adam(
  variables: readonly Node<"input">[],
  gradients: readonly Node[],
): { inputs: Node<"input">[]; updates: (readonly [Node, Node])[] } {
  const iterations = input("iterations", [], "i32");
  const rate = input("learningRate", [], "f32");
  const next = ops.add(iterations, 1);
  const time = ops.cast(next, "f32");
  const corrected = ops.div(ops.mul(rate, ops.sqrt(ops.sub(1, ops.pow(0.999, time)))), ops.sub(1, ops.pow(0.9, time)));
  const inputs: Node<"input">[] = [iterations, rate];
  const updates: (readonly [Node, Node])[] = [[iterations, next]];
  variables.forEach((variable, index) => {
    const g = gradients[index]!;
    const m = input(`${variable.attrs.name}/m`, variable.shape, "f32");
    const v = input(`${variable.attrs.name}/v`, variable.shape, "f32");
    const nextM = ops.add(m, ops.mul(ops.sub(g, m), 0.1));
    const nextV = ops.add(v, ops.mul(ops.sub(ops.mul(g, g), v), 0.001));
    const w = ops.sub(variable, ops.div(ops.mul(nextM, corrected), ops.add(ops.sqrt(nextV), 1e-7)));
    inputs.push(m, v);
    updates.push([m, nextM], [v, nextV], [variable, w]);
  });
  return { inputs, updates };
}

export function denseRelu(batch = 32, features = 784, units = 128): Program {
  const [x, w, b] = [
    input("x", [batch, features], "f32"),
    input("kernel", [features, units], "f32"),
    input("bias", [units], "f32"),
  ];
  return program("denseRelu", [x, w, b], [ops.relu(ops.add(ops.matmul(x, w), b))]);
}

export function softmaxProgram(rows = 32, columns = 10): Program {
  const x = input("x", [rows, columns], "f32");
  return program("softmax", [x], [ops.softmax(x)]);
}

/** An Adam step over parameters of different sizes, gradients given. */
export function adamProgram(shapes: readonly (readonly number[])[]): Program {
  const variables = shapes.map((shape, index) => input(`w${index}`, shape, "f32"));
  const gradients = shapes.map((shape, index) => input(`g${index}`, shape, "f32"));
  const { inputs, updates } = adam(variables, gradients);
  return program("adam", [...variables, ...gradients, ...inputs], [], updates);
}

/** A training step: two dense layers, softmax cross-entropy on integer labels, Adam. */
export function mlpStep({ batch = 8, features = 12, hidden = 16, classes = 5 } = {}): Program {
  const x = input("x", [batch, features], "f32");
  const labels = input("labels", [batch], "i32");
  const weights = [
    input("w1", [features, hidden], "f32"),
    input("b1", [hidden], "f32"),
    input("w2", [hidden, classes], "f32"),
    input("b2", [classes], "f32"),
  ];
  const [w1, b1, w2, b2] = weights as [Node, Node, Node, Node];
  const h = ops.relu(ops.add(ops.matmul(x, w1), b1));
  const logits = ops.add(ops.matmul(h, w2), b2);
  const loss = ops.mean(ops.sparseCategoricalCrossentropy(labels, logits, { fromLogits: true }));
  const { inputs, updates } = adam(weights, gradient(loss, weights));
  return program("mlpStep", [x, labels, ...weights, ...inputs], [loss], updates);
}

/** A training step of a small convnet with max pooling, by SGD. */
export function convStep({ batch = 4, size = 10, channels = 3 } = {}): Program {
  const x = input("x", [batch, size, size, 1], "f32");
  const labels = input("labels", [batch], "i32");
  const k1 = input("k1", [3, 3, 1, channels], "f32");
  const b1 = input("b1", [channels], "f32");
  const k2 = input("k2", [3, 3, channels, 2 * channels], "f32");
  const h1 = ops.maxPool(ops.relu(ops.add(ops.conv(x, k1), b1)), 2);
  const h2 = ops.relu(ops.conv(h1, k2));
  const flat = ops.reshape(h2, [batch, -1]);
  const w = input("w", [flat.shape[1]!, 4], "f32");
  const loss = ops.mean(ops.sparseCategoricalCrossentropy(labels, ops.matmul(flat, w), { fromLogits: true }));
  const weights = [k1, b1, k2, w];
  const updates = gradient(loss, weights).map(
    (g, index) => [weights[index]!, ops.sub(weights[index]!, ops.mul(g, 0.1))] as const,
  );
  return program("convStep", [x, labels, ...weights], [loss], updates);
}

/** A training step through batch normalisation with running statistics. */
export function batchNormStep({ batch = 6, size = 4, channels = 5 } = {}): Program {
  const x = input("x", [batch, size, size, channels], "f32");
  const [scale, offset] = [input("scale", [channels], "f32"), input("offset", [channels], "f32")];
  const [mean, variance] = [input("mean", [channels], "f32"), input("variance", [channels], "f32")];
  const axes = [0, 1, 2];
  const batchMean = ops.mean(x, axes);
  const batchVariance = ops.mean(ops.square(ops.sub(x, ops.reshape(batchMean, [1, 1, 1, channels]))), axes);
  const normal = ops.batchNormalization(x, batchMean, batchVariance, { scale, offset });
  const loss = ops.mean(ops.square(ops.relu(normal)));
  const [gx, gs, go] = gradient(loss, [x, scale, offset]) as [Node, Node, Node];
  const moved = (old: Node, fresh: Node): readonly [Node, Node] => [
    old,
    ops.add(ops.mul(old, 0.9), ops.mul(fresh, 0.1)),
  ];
  return program(
    "batchNormStep",
    [x, scale, offset, mean, variance],
    [loss, gx],
    [
      moved(mean, batchMean),
      moved(variance, batchVariance),
      [scale, ops.sub(scale, ops.mul(gs, 0.1))],
      [offset, ops.sub(offset, ops.mul(go, 0.1))],
    ],
  );
}

/** A training step of an LSTM over time (Hochreiter and Schmidhuber, 1997), by scan. */
export function lstmStep({ batch = 3, time = 6, features = 4, units = 5 } = {}): Program {
  const x = input("x", [batch, time, features], "f32");
  const target = input("target", [batch, units], "f32");
  const weights = [
    input("kernel", [features, 4 * units], "f32"),
    input("recurrent", [units, 4 * units], "f32"),
    input("bias", [4 * units], "f32"),
  ];
  const [kernel, recurrent, bias] = weights as [Node, Node, Node];
  const zeros = ops.zeros([batch, units]);
  const { carry } = ops.scan(
    ([h, c], [step]) => {
      const z = ops.add(ops.add(ops.matmul(step!, kernel), ops.matmul(h!, recurrent)), bias);
      const [i, f, g, o] = ops.split(z, 4, -1) as [Node, Node, Node, Node];
      const cell = ops.add(ops.mul(ops.sigmoid(f), c!), ops.mul(ops.sigmoid(i), ops.tanh(g)));
      const out = ops.mul(ops.sigmoid(o), ops.tanh(cell));
      return { carry: [out, cell], out: [out] };
    },
    [zeros, zeros],
    [ops.transpose(x, [1, 0, 2])],
  );
  const loss = ops.mean(ops.square(ops.sub(carry[0]!, target)));
  const updates = gradient(loss, weights).map(
    (g, index) => [weights[index]!, ops.sub(weights[index]!, ops.mul(g, 0.1))] as const,
  );
  return program("lstmStep", [x, target, ...weights], [loss], updates);
}

/** Layer normalisation and attention over one sequence, with the gradient of all weights. */
export function attentionStep({ batch = 2, time = 5, features = 8, heads = 2 } = {}): Program {
  const x = input("x", [batch, time, features], "f32");
  const weights = [
    input("wq", [features, features], "f32"),
    input("wk", [features, features], "f32"),
    input("wv", [features, features], "f32"),
  ];
  const centred = ops.sub(x, ops.mean(x, -1, { keepDims: true }));
  const normal = ops.div(centred, ops.sqrt(ops.add(ops.mean(ops.square(centred), -1, { keepDims: true }), 1e-5)));
  const [q, k, v] = weights.map((w) =>
    ops.transpose(ops.reshape(ops.matmul(normal, w), [batch, time, heads, -1]), [0, 2, 1, 3]),
  ) as [Node, Node, Node];
  const scores = ops.softmax(ops.div(ops.matmul(q, ops.transpose(k, [0, 1, 3, 2])), Math.sqrt(features / heads)));
  const mixed = ops.matmul(scores, v);
  const loss = ops.mean(ops.square(mixed));
  const updates = gradient(loss, weights).map(
    (g, index) => [weights[index]!, ops.sub(weights[index]!, ops.mul(g, 0.1))] as const,
  );
  return program("attentionStep", [x, ...weights], [loss], updates);
}

/** A deep chain of wide layers whose insides are computed again for the derivative (Chen et al., 2016). */
export function rematStep({ layers = 6, batch = 16, width = 32, again = true } = {}): Program {
  const x = input("x", [batch, width], "f32");
  const weights = Array.from({ length: layers }, (_, index) => input(`w${index}`, [width, width], "f32"));
  const block = (h: Node, w: Node): Node => ops.tanh(ops.mul(ops.exp(ops.tanh(ops.matmul(h, w))), ops.sin(h)));
  const output = weights.reduce<Node>((h, w) => (again ? remat(block)(h, w) : block(h, w)), x);
  const loss = ops.mean(ops.square(output));
  const updates = gradient(loss, weights).map((g, index) => [weights[index]!, ops.sub(weights[index]!, g)] as const);
  return program("rematStep", [x, ...weights], [loss], updates);
}
