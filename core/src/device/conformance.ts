import { bytesPerElement } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import type { Graph } from "../graph/node.ts";
import {
  assertClose,
  type ConformanceRow,
  conformanceSamples,
  fromBytes,
  type HostArray,
  interpret,
  joinSamples,
  type Sample,
  toBytes,
} from "../reference/index.ts";
import type { Device } from "./device.ts";

/** `test` of node:test, or something like it. */
export type TestFunction = (name: string, body: () => Promise<void>) => unknown;

/** Runs a graph on a device: arrays in, arrays out. */
export async function runGraph(
  device: Device,
  name: string,
  graph: Graph,
  inputs: readonly HostArray[],
): Promise<HostArray[]> {
  const executable = await device.load({ name, graph, replaces: graph.outputs.map(() => undefined) });
  const given = inputs.map((array) => {
    const bytes = toBytes(array);
    const buffer = device.allocate(bytes.length);
    device.write(buffer, bytes);
    return buffer;
  });
  const sizes = graph.outputs.map(({ shape, dtype }) => sizeOf(shape) * bytesPerElement[dtype]);
  const results = sizes.map((bytes) => device.allocate(bytes));
  try {
    executable.run(given, results);
    const bytes = await Promise.all(results.map((buffer, index) => device.read(buffer, sizes[index]!)));
    return graph.outputs.map(({ shape, dtype }, index) => fromBytes(bytes[index]!, shape, dtype));
  } finally {
    for (const buffer of [...given, ...results]) device.free(buffer);
    executable.dispose();
  }
}

/** Registers one test a row of the conformance table (primitive × dtype): the device's results are the reference's. Returns what the table covers, in words. */
export function conform(
  device: Device,
  test: TestFunction,
  rows: readonly ConformanceRow[] = conformanceSamples(),
): string {
  for (const { op, dtype, samples } of rows) {
    test(`${device.name} conforms: ${op} ${dtype}`, async () => {
      const name = `${op}_${dtype}`;
      const { graph, inputs, owners } = joinSamples(samples);
      const outputs = await runGraph(device, name, graph, inputs).catch((error: unknown) => error);
      // All samples in one program save time. When that does not run, the first bad one names itself.
      if (!Array.isArray(outputs)) {
        for (const sample of samples)
          check(sample, await runGraph(device, `${name}_${sample.name}`, sample.graph, sample.inputs));
        throw outputs;
      }
      for (const sample of samples)
        check(
          sample,
          outputs.filter((_, index) => owners[index] === sample),
        );
    });
  }
  const primitives = new Set(rows.map(({ op }) => op)).size;
  const samples = rows.reduce((sum, row) => sum + row.samples.length, 0);
  return `conformance of ${device.name}: ${primitives} primitives, ${rows.length} rows (primitive × dtype), ${samples} samples`;
}

function check({ name, graph, inputs, tolerance }: Sample, actual: readonly HostArray[]): void {
  for (const [index, expected] of interpret(graph, inputs).entries()) {
    assertClose(actual[index]!, expected, tolerance, `${name}, output ${index}`);
  }
}
