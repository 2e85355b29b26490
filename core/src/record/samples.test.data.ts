import {
  bytesSlice,
  type Contents,
  type Entry,
  type FrameKind,
  floatsSlice,
  halvesSlice,
  histogramOf,
  statsOf,
} from "./index.ts";

const numbers = [0, -0, 1, -1.5, 3e38, -1e-40, Number.NaN, 1 / 0, -1 / 0, 0.98];
const entry = <K extends FrameKind>(kind: K, content: Contents[K], step: number, stream = 0): Entry =>
  ({ kind, content, step, stream, onDemand: kind === "spans" }) as Entry; // kind and content belong together

/** An entry of each kind, and several events. */
export const entries: readonly Entry[] = [
  entry("event", { type: "phase", time: 1, phase: "training" }, 0),
  entry("define", { define: "series", id: 1, name: "loss", split: "train", group: "loss", every: "step" }, 0),
  entry(
    "define",
    { define: "tensor", id: 5, name: "dense/kernel", layer: "dense", role: "gradient", shape: [2, 5] },
    0,
  ),
  entry(
    "scalars",
    {
      series: Uint32Array.of(1, 7),
      steps: Uint32Array.of(1, 2, 3),
      times: Float64Array.of(1.7e12, 1.7e12 + 2, 1.7e12 + 4.5),
      values: Float32Array.of(2.5, Number.NaN, 1 / 0, 0.25, 0.5, 0.75),
    },
    3,
  ),
  entry("stats", statsOf(numbers), 3, 5),
  entry("histogram", histogramOf(numbers), 3, 5),
  entry("slice", bytesSlice({ key: "validation/17", role: "example", shape: [2, 2] }, [0, 0.5, 1, 0.25]), 3),
  entry("slice", halvesSlice({ key: "probe", role: "prediction", shape: [1, 3] }, [0.5, 0.25, 0.25]), 3),
  entry("slice", floatsSlice({ key: "x", role: "featureMap", layer: "conv", shape: [3] }, [1, 2, 3]), 3),
  entry("spans", { time: 5, precisionMs: 0.1, spans: [{ name: "step", level: "step", start: 0, ms: 2 }] }, 3),
  entry("memory", { time: 5, device: "wasm", bytes: 1000, peakBytes: 2000, owners: { weights: 400 } }, 3),
  entry(
    "checkpoint",
    { id: "c1", time: 6, epoch: 0, stepOfEpoch: 3, cause: "automatic", before: "k1", bytes: 12, sha256: "ab" },
    3,
  ),
  entry(
    "event",
    { type: "command", id: "k1", from: "page", time: 7, command: { type: "set", name: "learningRate", value: 0.1 } },
    3,
  ),
  entry("event", { type: "acknowledgement", id: "k1", time: 7, accepted: true, step: 3, result: { before: 0.2 } }, 3),
];
