import { crc32c } from "../base/crc32c.ts";

// Event files of TensorBoard: records of a length, the data (a protocol buffer "Event"), and checksums of both
// (tensorflow/core/lib/io/record_writer.cc, tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto and
// graph.proto).

const text = new TextEncoder();

/** Wire types of protocol buffers. */
const wire = { varint: 0, double: 1, bytes: 2, float: 5 } as const;

/** A protocol buffer in the making: fields one after the other. */
class Message {
  readonly #parts: number[] = [];

  #key(field: number, type: number): void {
    this.#number((field << 3) | type);
  }
  #number(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#parts.push(Number(rest & 127n) | 128);
    this.#parts.push(Number(rest));
  }
  integer(field: number, value: number): this {
    this.#key(field, wire.varint);
    this.#number(value);
    return this;
  }
  double(field: number, value: number): this {
    this.#key(field, wire.double);
    this.#parts.push(...new Uint8Array(Float64Array.of(value).buffer));
    return this;
  }
  float(field: number, value: number): this {
    this.#key(field, wire.float);
    this.#parts.push(...new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }
  bytes(field: number, value: Uint8Array): this {
    this.#key(field, wire.bytes);
    this.#number(value.length);
    for (const byte of value) this.#parts.push(byte);
    return this;
  }
  doubles(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
  }
  done(): Uint8Array {
    return Uint8Array.from(this.#parts);
  }
}

/** A histogram: how many values lie up to each limit, from the limit before. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

/** A picture as a PNG file. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly file: Uint8Array;
}

/** A node of a model's graph. */
export interface GraphNode {
  readonly name: string;
  /** What it does, in a word. */
  readonly operation: string;
  /** Names of the nodes that feed it. */
  readonly inputs: readonly string[];
  /** Of its results; null where only data decides a size. */
  readonly shapes: readonly (readonly (number | null)[])[];
}

/** Figures, histograms and pictures of one step, by tag, or a model's graph. `seconds` since 1970. */
export interface TensorBoardEvent {
  readonly seconds: number;
  readonly step: number;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly histograms?: Readonly<Record<string, Histogram>>;
  readonly images?: Readonly<Record<string, Image>>;
  readonly graph?: readonly GraphNode[];
}

/** The first record of a file. */
export const encodeFileVersion = (seconds: number): Uint8Array =>
  record(new Message().double(1, seconds).bytes(3, text.encode("brain.Event:2")).done());

/** One event as a record. */
export function encodeEvent({
  seconds,
  step,
  scalars = {},
  histograms = {},
  images = {},
  graph,
}: TensorBoardEvent): Uint8Array {
  const event = new Message().double(1, seconds).integer(2, step);
  if (graph !== undefined) return record(event.bytes(4, encodeGraph(graph)).done());
  const summary = new Message();
  for (const [tag, value] of Object.entries(scalars))
    summary.bytes(1, new Message().bytes(1, text.encode(tag)).float(2, value).done());
  for (const [tag, histogram] of Object.entries(histograms))
    summary.bytes(1, new Message().bytes(1, text.encode(tag)).bytes(5, encodeHistogram(histogram)).done());
  for (const [tag, image] of Object.entries(images))
    summary.bytes(1, new Message().bytes(1, text.encode(tag)).bytes(4, encodeImage(image)).done());
  return record(event.bytes(5, summary.done()).done());
}

function encodeGraph(nodes: readonly GraphNode[]): Uint8Array {
  const graph = new Message();
  for (const { name, operation, inputs, shapes } of nodes) {
    const node = new Message().bytes(1, text.encode(name)).bytes(2, text.encode(operation));
    for (const input of inputs) node.bytes(3, text.encode(input));
    // An attribute of a list of shapes: what TensorBoard writes beside the arrows.
    const list = new Message();
    for (const shape of shapes) {
      const sizes = new Message();
      for (const size of shape) sizes.bytes(2, new Message().integer(1, size ?? -1).done());
      list.bytes(7, sizes.done());
    }
    const value = new Message().bytes(1, list.done());
    node.bytes(5, new Message().bytes(1, text.encode("_output_shapes")).bytes(2, value.done()).done());
    graph.bytes(1, node.done());
  }
  return graph.done();
}

const encodeHistogram = ({ min, max, count, sum, sumOfSquares, limits, counts }: Histogram): Uint8Array =>
  new Message()
    .double(1, min)
    .double(2, max)
    .double(3, count)
    .double(4, sum)
    .double(5, sumOfSquares)
    .doubles(6, limits)
    .doubles(7, counts)
    .done();

const encodeImage = ({ height, width, channels, file }: Image): Uint8Array =>
  new Message().integer(1, height).integer(2, width).integer(3, channels).bytes(4, file).done();

/** Checksums are turned and moved, so that the checksum of data that hold one is no special number. */
export const masked = (crc: number): number => ((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) >>> 0;

const lengthBytes = 8;
const checksumBytes = 4;

function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(lengthBytes + checksumBytes + data.length + checksumBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(lengthBytes, masked(crc32c(bytes.subarray(0, lengthBytes))), true);
  bytes.set(data, lengthBytes + checksumBytes);
  view.setUint32(bytes.length - checksumBytes, masked(crc32c(data)), true);
  return bytes;
}
