import { bytesPerElement } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import { createKernelDevice, type TaskOrder } from "../device/kernel/index.ts";
import type { Program } from "../kernel/plan.ts";
import { hostArray } from "../reference/hostArray.ts";
import { fromBytes, type HostArray, interpret, toBytes } from "../reference/index.ts";
import { assertClose } from "../reference/samples.ts";

/** How a program is compiled, and in which order its tasks run. */
export interface Running {
  readonly fusion?: "full" | "none";
  readonly order?: TaskOrder;
}

/** Compiles and runs the program on the kernel device; returns all outputs, those that replace inputs too. */
export async function run(program: Program, inputs: readonly HostArray[], options: Running = {}): Promise<HostArray[]> {
  const device = createKernelDevice(options);
  const executable = await device.load(program);
  const buffers = inputs.map((array) => {
    const bytes = toBytes(array);
    const buffer = device.allocate(bytes.length);
    device.write(buffer, bytes);
    return buffer;
  });
  const sizes = program.graph.outputs.map(({ shape, dtype }) => sizeOf(shape) * bytesPerElement[dtype]);
  const places = sizes.map((size, index) => buffers[program.replaces[index] ?? -1] ?? device.allocate(size));
  executable.run(
    buffers,
    places.filter((_, index) => program.replaces[index] === undefined),
  );
  const outputs: HostArray[] = [];
  for (const [index, { shape, dtype }] of program.graph.outputs.entries()) {
    outputs.push(fromBytes(await device.read(places[index]!, sizes[index]!), shape, dtype));
  }
  return outputs;
}

/** Values for the inputs of a program, by what their names ask for. */
function valuesFor(program: Program): HostArray[] {
  let state = 5;
  const next = (): number => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  const positive = /\/v$|variance|learningRate/;
  return program.graph.inputs.map(({ shape, dtype, attrs: { name } }) => {
    const value = (): number =>
      dtype === "i32" ? Math.floor(next() * 4) : Math.fround(positive.test(name) ? next() * 0.1 : next() - 0.5);
    return hostArray(shape, dtype, Array.from({ length: sizeOf(shape) }, value));
  });
}

/** Runs the program on values of its own, and holds all outputs against the interpreter. */
export async function assertEqualsReference(
  program: Program,
  options: Running,
  tolerance = { relative: 1e-4, absolute: 1e-5 },
): Promise<void> {
  const inputs = valuesFor(program);
  const expected = interpret(program.graph, inputs);
  const actual = await run(program, inputs, options);
  for (const [index, array] of expected.entries())
    assertClose(actual[index]!, array, tolerance, `${program.name}, output ${index}`);
}
