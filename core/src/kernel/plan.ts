import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Graph } from "../graph/node.ts";
import type { Kernel } from "./ir.ts";

/** What a device is asked to run: a pure graph, and which outputs are the new values of which inputs. */
export interface Program {
  readonly name: string;
  readonly graph: Graph;
  /** One entry an output: the index of the input whose buffer receives it when the program ends, or undefined. */
  readonly replaces: readonly (number | undefined)[];
  /** Inputs that are likely to be the same in the next run, such as variables that the program only reads. */
  readonly steady?: readonly number[];
}

/** A piece of memory: a slot (0 = arena, then inputs, then fresh outputs) and a byte offset that loops advance. */
export interface Binding {
  readonly slot: number;
  readonly offset: number;
  /** Bytes added for each iteration of the enclosing loops; may be negative. */
  readonly advance: readonly { readonly loop: number; readonly bytes: number }[];
}

/** One call of a kernel with its own buffers; several instances make one launch. */
export interface Instance {
  /** One a kernel buffer that is not scratch, in order. */
  readonly bindings: readonly Binding[];
  /** One a kernel param, in order. */
  readonly params: readonly number[];
  readonly tasks: number;
}

/** What a launch is for and what it costs: for observers, never for devices. */
export interface LaunchWork {
  /** The user's layers that it serves. */
  readonly scope: string;
  /** Multiply-adds of one launch. */
  readonly multiplyAdds: number;
  /** Bytes that one launch must read and write at least. */
  readonly bytes: number;
}

/** A value that lives in the arena from one launch to another; launches are numbered in the order of the plan's text. */
export interface Tenant {
  readonly name: string;
  readonly scope: string;
  readonly offset: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export type Step =
  /** All tasks of all instances, in any order, on all threads; then a barrier. */
  | {
      readonly kind: "launch";
      readonly kernel: number;
      readonly instances: readonly Instance[];
      readonly work?: LaunchWork;
    }
  /** The body `count` times; bindings inside advance. */
  | { readonly kind: "loop"; readonly loop: number; readonly count: number; readonly body: readonly Step[] }
  /** Reads one bool (u8) and runs one side. */
  | { readonly kind: "branch"; readonly when: Binding; readonly then: readonly Step[]; readonly else: readonly Step[] };

export interface PlanTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly slot: number;
}

export interface PlanOutput extends PlanTensor {
  /** The input whose slot this output is (slot is then that input's), or undefined for a fresh buffer. */
  readonly replaces: number | undefined;
}

/**
 * What is computed from steady inputs alone: a branch at the start of the steps, and memory that the device leaves alone
 * between runs. The flag tells a run to take the branch: it must, unless the inputs are as they were at the last run.
 */
export interface KeptPart {
  /** The slot of the flag, one byte. */
  readonly flag: number;
  /** The slot of the memory, and its size. */
  readonly memory: number;
  readonly bytes: number;
  readonly inputs: readonly number[];
}

/** The compiled program: plain data that a device turns into code. */
export interface Plan {
  readonly name: string;
  readonly kernels: readonly Kernel[];
  readonly steps: readonly Step[];
  readonly inputs: readonly PlanTensor[];
  readonly outputs: readonly PlanOutput[];
  /** Slots: 1 (arena) + inputs + fresh outputs, and 2 for what is kept. */
  readonly slots: number;
  readonly kept?: KeptPart;
  readonly arenaBytes: number;
  /** Largest total scratch of a kernel, for each thread. */
  readonly scratchBytes: number;
  /** Who lives in the arena. */
  readonly tenants?: readonly Tenant[];
  /** Values streamed to observers: outputs beyond the program's own, by tap name. */
  readonly taps: readonly { readonly name: string; readonly output: number }[];
}
