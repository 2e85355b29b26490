import { type Launch, launchesOf } from "../../kernel/launches.ts";
import type { Binding, Instance, Plan, Step } from "../../kernel/plan.ts";
import { FunctionWriter, type ModuleWriter } from "./assembler.ts";
import { control } from "./control.ts";

interface Program {
  readonly module: ModuleWriter;
  readonly kernels: readonly number[];
  /** Whether several threads run it: tasks are then handed out by an atomic counter. */
  readonly shared: boolean;
  readonly barrier: number;
  /** The local that holds when the launch began, where launches are timed, and where the timings are. */
  readonly clock: { readonly local: number; readonly slot: number } | undefined;
  /** The place of each launch in the timings. */
  readonly places: ReadonlyMap<Launch, number>;
  /** Function and enclosing loops of each launch step. */
  readonly launches: Map<Launch, number>;
}

/** Looks at the barrier's word before sleeping: about 10 µs. */
const spins = 4000;

/** Parameters of `run`. */
const run = { thread: 0, threads: 1, control: 2, slots: 3, scratch: 4 } as const;

/**
 * Writes `run(thread, threads, control, slots, scratch)`: every thread walks the same steps; tasks of a launch go to whoever
 * comes first. `slots` points to the addresses of the plan's slots, `scratch` to the thread's own memory.
 */
export function writeRun(
  plan: Plan,
  module: ModuleWriter,
  kernels: readonly number[],
  { shared, timed }: { readonly shared: boolean; readonly timed: boolean },
): number {
  const barrier = shared ? module.add("barrier", barrierFunction()) : -1;
  const writer = new FunctionWriter(["i32", "i32", "i32", "i32", "i32"]);
  const clock = timed ? { local: writer.local("f64"), slot: plan.slots } : undefined;
  const places = new Map(launchesOf(plan.steps).map((launch, index) => [launch, index]));
  const program: Program = { module, kernels, shared, barrier, clock, places, launches: new Map() };
  if (clock !== undefined) writer.call(clockFunction).set(clock.local);
  writeSteps(program, writer, plan.steps, []);
  return module.add("run", writer);
}

interface Loop {
  readonly loop: number;
  readonly local: number;
}

/** Steps that one thread does alone: no barrier is needed between them. */
function serial(step: Step): boolean {
  switch (step.kind) {
    case "launch":
      return totalTasks(step) <= 1;
    case "loop":
      return step.body.every(serial);
    case "branch":
      return step.then.every(serial) && step.else.every(serial);
  }
}

const totalTasks = ({ instances }: Launch): number => instances.reduce((total, { tasks }) => total + tasks, 0);

function writeSteps(program: Program, writer: FunctionWriter, steps: readonly Step[], loops: readonly Loop[]): void {
  for (let start = 0; start < steps.length; ) {
    let end = start;
    while (end < steps.length && serial(steps[end]!)) end++;
    const group = steps.slice(start, end);
    if (group.length > 0) {
      const body = (): void => {
        for (const step of group) writeStep(program, writer, step, loops, false);
      };
      if (program.shared) writer.get(run.thread).op("i32.eqz").if(undefined, body);
      else body();
      writeBarrier(program, writer);
      start = end;
    } else {
      writeStep(program, writer, steps[start]!, loops, program.shared);
      start++;
    }
  }
}

/** `parallel`: all threads are here and meet at barriers. */
function writeStep(
  program: Program,
  writer: FunctionWriter,
  step: Step,
  loops: readonly Loop[],
  parallel: boolean,
): void {
  const writeBody = (body: readonly Step[], inner: readonly Loop[]): void => {
    if (parallel) writeSteps(program, writer, body, inner);
    else for (const each of body) writeStep(program, writer, each, inner, false);
  };
  switch (step.kind) {
    case "launch":
      writer.get(run.control).get(run.slots).get(run.scratch);
      for (const { local } of loops) writer.get(local);
      writer.call(launchFunction(program, step, loops, parallel));
      if (parallel) writeBarrier(program, writer);
      writeLap(program, writer, step, parallel);
      return;
    case "loop": {
      if (step.count <= 0) return;
      const local = writer.local("i32");
      writer.i32(0).set(local);
      writer.loop((again) => {
        writeBody(step.body, [...loops, { loop: step.loop, local }]);
        writer.get(local).i32(1).op("i32.add").tee(local).i32(step.count).op("i32.lt_s").branchIf(again);
      });
      writer.release(local);
      return;
    }
    case "branch": {
      const chosen = writer.local("i32");
      pushBinding(writer, step.when, run.slots, loops);
      writer.memory("i32.load8_u").set(chosen);
      // Nobody may change the condition before everybody has read it.
      if (parallel) writeBarrier(program, writer);
      writer.get(chosen);
      writer.release(chosen);
      writer.if(
        undefined,
        () => writeBody(step.then, loops),
        () => writeBody(step.else, loops),
      );
      return;
    }
    default:
      step satisfies never;
  }
}

/** The imported clock. */
const clockFunction = 0;

/** Adds the time since the launch before to the timing of `launch`: the first thread does so, when all have ended. */
function writeLap({ clock, places }: Program, writer: FunctionWriter, launch: Launch, parallel: boolean): void {
  if (clock === undefined) return;
  const { local: start, slot } = clock;
  const offset = Float64Array.BYTES_PER_ELEMENT * places.get(launch)!;
  const lap = (): void => {
    const end = writer.local("f64");
    writer.get(run.slots).memory("i32.load", slot * 4);
    writer
      .get(run.slots)
      .memory("i32.load", slot * 4)
      .memory("f64.load", offset);
    writer.call(clockFunction).tee(end).get(start).op("f64.sub", "f64.add").memory("f64.store", offset);
    writer.get(end).set(start);
    writer.release(end);
  };
  if (parallel) writer.get(run.thread).op("i32.eqz").if(undefined, lap);
  else lap();
}

function writeBarrier({ shared, barrier }: Program, writer: FunctionWriter): void {
  if (shared) writer.get(run.threads).get(run.control).call(barrier);
}

/** Pushes the address of a binding in the current iterations of the enclosing loops. */
function pushBinding(
  writer: FunctionWriter,
  { slot, offset, advance }: Binding,
  slots: number,
  loops: readonly Loop[],
): void {
  writer.get(slots).memory("i32.load", slot * 4);
  if (offset !== 0) writer.i32(offset).op("i32.add");
  for (const { loop, bytes } of advance) {
    const found = loops.find((each) => each.loop === loop);
    if (found === undefined) throw new Error(`a binding advances with loop ${loop}, which does not enclose it`);
    writer.get(found.local).i32(bytes).op("i32.mul", "i32.add");
  }
}

/** (control, slots, scratch, indices of the enclosing loops…): runs the tasks of all instances. */
function launchFunction(program: Program, step: Launch, outer: readonly Loop[], parallel: boolean): number {
  const known = program.launches.get(step);
  if (known !== undefined) return known;
  const [controlParam, slots, scratch] = [0, 1, 2];
  const writer = new FunctionWriter(Array(3 + outer.length).fill("i32"));
  const loops = outer.map(({ loop }, index) => ({ loop, local: 3 + index }));
  const kernel = program.kernels[step.kernel]!;
  const total = totalTasks(step);
  const task = writer.local("i32");

  const [only] = step.instances;
  const addresses =
    step.instances.length === 1
      ? only!.bindings.map((binding) => {
          const local = writer.local("i32");
          pushBinding(writer, binding, slots, loops);
          writer.set(local);
          return local;
        })
      : undefined;

  const callInstance = ({ bindings, params }: Instance, first: number): void => {
    if (addresses === undefined) for (const binding of bindings) pushBinding(writer, binding, slots, loops);
    else for (const local of addresses) writer.get(local);
    for (const value of params) writer.i32(value);
    writer.get(task);
    if (first !== 0) writer.i32(first).op("i32.sub");
    writer.get(scratch).call(kernel);
  };
  /** Binary search by task number. */
  const dispatch = (instances: readonly Instance[], first: number): void => {
    if (instances.length === 1) {
      callInstance(instances[0]!, first);
      return;
    }
    const middle = instances.length >> 1;
    const left = instances.slice(0, middle);
    const bound = left.reduce((sum, { tasks }) => sum + tasks, first);
    writer
      .get(task)
      .i32(bound)
      .op("i32.lt_s")
      .if(
        undefined,
        () => dispatch(left, first),
        () => dispatch(instances.slice(middle), bound),
      );
  };

  const instances = step.instances.filter(({ tasks }) => tasks > 0);
  if (instances.length > 0) {
    if (parallel) {
      writer.block((done) => {
        writer.loop((again) => {
          writer.get(controlParam).i32(1).memory("i32.atomic.rmw.add", control.task).tee(task);
          writer.i32(total).op("i32.ge_s").branchIf(done);
          dispatch(instances, 0);
          writer.branch(again);
        });
      });
    } else {
      writer.i32(0).set(task);
      writer.loop((again) => {
        dispatch(instances, 0);
        writer.get(task).i32(1).op("i32.add").tee(task).i32(total).op("i32.lt_s").branchIf(again);
      });
    }
  }
  const index = program.module.add(`launch_${program.launches.size}`, writer);
  program.launches.set(step, index);
  return index;
}

/** (threads, control): returns when all threads are here. The last one resets the task counter. */
function barrierFunction(): FunctionWriter {
  const writer = new FunctionWriter(["i32", "i32"]);
  const [threads, base] = [0, 1];
  const generation = writer.local("i32");
  const turns = writer.local("i32");
  const pushChanged = (): void =>
    void writer.get(base).memory("i32.atomic.load", control.generation).get(generation).op("i32.ne");

  const stopWhenFailed = (): void => {
    writer
      .get(base)
      .memory("i32.atomic.load", control.failed)
      .if(undefined, () => void writer.op("unreachable"));
  };

  writer.get(base).memory("i32.atomic.load", control.generation).set(generation);
  // A thread that fails later than this look changes the generation, too.
  stopWhenFailed();
  writer.get(base).i32(1).memory("i32.atomic.rmw.add", control.arrived).i32(1).op("i32.add").get(threads).op("i32.eq");
  writer.if(
    undefined,
    () => {
      writer.get(base).i32(0).memory("i32.atomic.store", control.arrived);
      writer.get(base).i32(0).memory("i32.atomic.store", control.task);
      writer.get(base).i32(1).memory("i32.atomic.rmw.add", control.generation).op("drop");
      writer.get(base).i32(-1).memory("memory.atomic.notify", control.generation).op("drop");
    },
    () => {
      writer.i32(spins).set(turns);
      writer.block((passed) => {
        writer.loop((again) => {
          pushChanged();
          writer.branchIf(passed);
          writer.get(turns).i32(1).op("i32.sub").tee(turns).branchIf(again);
        });
        writer.loop((again) => {
          pushChanged();
          writer.branchIf(passed);
          writer.get(base).get(generation).i64(-1n).memory("memory.atomic.wait32", control.generation).op("drop");
          writer.branch(again);
        });
      });
      stopWhenFailed();
    },
  );
  return writer;
}
