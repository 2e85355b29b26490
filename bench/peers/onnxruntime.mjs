// onnxruntime-node's worker: it only predicts.
import { createRequire } from "node:module";
import { OnnxGraph } from "./onnx.mjs";
import { serve, uniform } from "./protocol.mjs";

const ort = createRequire(import.meta.url)("onnxruntime-node");

const tensor = (shape) => new ort.Tensor("float32", uniform(shape.reduce((a, b) => a * b, 1)), shape);

/** Runs a model whose inputs are named after the keys of `shapes`. */
async function running(threads, graph, output, outputShape, shapes) {
  const session = await ort.InferenceSession.create(graph.bytes(output, outputShape), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionProviders: ["cpu"],
  });
  const feeds = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tensor(shape)]));
  return () => session.run(feeds);
}

const square = (size, layout) => (threads) => {
  const graph = new OnnxGraph();
  const shape = [size, size];
  const turned = (name) => graph.node("Transpose", [name], { perm: [1, 0] });
  const [a, b] = [graph.input("a", shape), graph.input("b", shape)];
  const output = graph.node("MatMul", [layout === " AtB" ? turned(a) : a, layout === " ABt" ? turned(b) : b]);
  return running(threads, graph, output, shape, { a: shape, b: shape });
};

const resnet = (batch) => (threads) => {
  const graph = new OnnxGraph();
  const normalized = (x, before, after, size, stride) => {
    const pad = size >> 1;
    const convolved = graph.node("Conv", [x, graph.weight([after, before, size, size])], {
      kernel_shape: [size, size],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
    const [ones, zeros] = [new Float32Array(after).fill(1), new Float32Array(after)];
    const vectors = [ones, zeros, zeros, ones].map((values) => graph.weight([after], values));
    return graph.node("BatchNormalization", [convolved, ...vectors]);
  };
  const relu = (x) => graph.node("Relu", [x]);
  const block = (x, before, after, stride) => {
    const main = normalized(relu(normalized(x, before, after, 3, stride)), after, after, 3, 1);
    const around = stride === 1 && before === after ? x : normalized(x, before, after, 1, stride);
    return relu(graph.node("Add", [main, around]));
  };
  let x = relu(normalized(graph.input("x", [batch, 3, 32, 32]), 3, 64, 3, 1));
  let before = 64;
  for (const [after, stride] of [
    [64, 1],
    [128, 2],
    [256, 2],
    [512, 2],
  ]) {
    x = block(block(x, before, after, stride), after, after, 1);
    before = after;
  }
  const pooled = graph.node("Flatten", [graph.node("GlobalAveragePool", [x])]);
  const output = graph.node("Gemm", [pooled, graph.weight([512, 10]), graph.weight([10])]);
  return running(threads, graph, output, [batch, 10], { x: [batch, 3, 32, 32] });
};

const cases = {
  ...Object.fromEntries(
    [256, 512, 1024, 2048].flatMap((size) =>
      ["", " AtB", " ABt"].map((layout) => [`W1 ${size}${layout}`, square(size, layout)]),
    ),
  ),
  "W1 batched": (threads) => {
    const graph = new OnnxGraph();
    const shapes = { a: [8, 6, 256, 64], b: [8, 6, 64, 256] };
    const output = graph.node("MatMul", [graph.input("a", shapes.a), graph.input("b", shapes.b)]);
    return running(threads, graph, output, [8, 6, 256, 256], shapes);
  },
  "W4 predict 32": resnet(32),
  "W4 predict 1": resnet(1),
  "W7 predict": (threads) => {
    const graph = new OnnxGraph();
    const dense = (x, before, after) => graph.node("Gemm", [x, graph.weight([before, after]), graph.weight([after])]);
    const hidden = graph.node("Relu", [dense(graph.input("x", [1, 784]), 784, 128)]);
    return running(threads, graph, graph.node("Softmax", [dense(hidden, 128, 10)]), [1, 10], { x: [1, 784] });
  },
  "W8 gelu": (threads) => {
    const graph = new OnnxGraph();
    const shape = [16_777_216];
    const scaled = graph.node("Mul", [graph.input("x", shape), graph.scalar(1.5)]);
    const output = graph.node("Gelu", [graph.node("Add", [scaled, graph.scalar(0.25)])]);
    return running(threads, graph, output, shape, { x: shape });
  },
  "W8 sum": (threads) => {
    const graph = new OnnxGraph();
    const output = graph.node("ReduceSum", [graph.input("x", [16_777_216])], { keepdims: 0 });
    return running(threads, graph, output, [], { x: [16_777_216] });
  },
};

await serve({ cases, use: async (threads) => ({ device: "cpu", threads }) });
