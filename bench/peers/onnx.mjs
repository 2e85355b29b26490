// Writes ONNX models: the protocol buffers of onnx.proto3, as far as a plain network needs them.
import { uniform } from "./protocol.mjs";

const FLOAT = 1;
const attributeTypes = { float: 1, int: 2, ints: 7 };

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return Buffer.from(bytes);
}

const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, value) => {
  const content = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
};
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

function attribute([name, value]) {
  const type = Array.isArray(value) ? "ints" : "int";
  const content = type === "ints" ? value.map((each) => number(8, each)) : [number(3, value)];
  return message(5, bytes(1, name), ...content, number(20, attributeTypes[type]));
}

const valueInfo = (field, name, shape) => {
  const dimensions = shape.map((size) => message(1, number(1, size)));
  return message(field, bytes(1, name), message(2, message(1, number(1, FLOAT), message(2, ...dimensions))));
};

/** A graph under construction: operations give names, `bytes` the file. */
export class OnnxGraph {
  #nodes = [];
  #weights = [];
  #inputs = [];
  #count = 0;

  input(name, shape) {
    this.#inputs.push(valueInfo(11, name, shape));
    return name;
  }

  /** A constant: the values, or arbitrary small ones. */
  weight(shape, values = uniform(shape.reduce((a, b) => a * b, 1)).map((x) => x * 0.05)) {
    const name = `w${this.#count++}`;
    const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    this.#weights.push(
      message(5, ...shape.map((size) => number(1, size)), number(2, FLOAT), bytes(8, name), bytes(9, raw)),
    );
    return name;
  }

  scalar(value) {
    return this.weight([], Float32Array.of(value));
  }

  node(operation, inputs, attributes = {}) {
    const name = `t${this.#count++}`;
    const parts = [...inputs.map((each) => bytes(1, each)), bytes(2, name), bytes(4, operation)];
    this.#nodes.push(message(1, ...parts, ...Object.entries(attributes).map(attribute)));
    return name;
  }

  /** The model's file, with opset 20 (the first with Gelu). */
  bytes(output, shape) {
    const graph = message(
      7,
      ...this.#nodes,
      bytes(2, "bench"),
      ...this.#weights,
      ...this.#inputs,
      valueInfo(12, output, shape),
    );
    return Buffer.concat([number(1, 9), graph, message(8, number(2, 20))]);
  }
}
