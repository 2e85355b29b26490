import type { Json } from "./description.ts";

/** What can be asked of a training. All are obeyed between two steps. */
export type Command =
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** Does so many steps, and pauses again. */
  | { readonly type: "step"; readonly count: number }
  | { readonly type: "stop"; readonly save: boolean }
  /** Changes a declared parameter; see `RunDescription.parameters`. */
  | { readonly type: "set"; readonly name: string; readonly value: number }
  | { readonly type: "evaluate" }
  | { readonly type: "checkpoint" }
  /** Goes back to a checkpoint of this run: the curve goes on from its step. */
  | { readonly type: "rewind"; readonly checkpoint: string }
  /** Begins a new run at a checkpoint, with changed parameters; this one stops. */
  | { readonly type: "branch"; readonly checkpoint: string; readonly changes: { readonly [parameter: string]: number } }
  | { readonly type: "freeze"; readonly layer: string; readonly frozen: boolean }
  /** Sets what makes a unit to zero: its weights and bias. Only while paused. */
  | { readonly type: "ablate"; readonly layer: string; readonly unit: number }
  /** Sets one number of a Variable ("dense/kernel"), row by row from 0. Only while paused. */
  | { readonly type: "edit"; readonly variable: string; readonly index: number; readonly value: number }
  /** Goes back to the automatic checkpoint before the command of that id. */
  | { readonly type: "undo"; readonly command: string }
  | { readonly type: "note"; readonly text: string }
  /** Looks for the cause of the last step that was not finite. */
  | { readonly type: "explain" };

export type CommandType = Command["type"];
export const commandTypes = [
  "pause",
  "resume",
  "step",
  "stop",
  "set",
  "evaluate",
  "checkpoint",
  "rewind",
  "branch",
  "freeze",
  "ablate",
  "edit",
  "undo",
  "note",
  "explain",
] as const satisfies readonly CommandType[];

/** Who gave it. "policy": a rule of the training itself, such as the guard against NaN. */
export type Source = "page" | "command line" | "program" | "policy" | "replay";

/** A command on its way. */
export interface Order {
  /** Unique in the run. */
  readonly id: string;
  readonly from: Source;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly command: Command;
}

/** What became of a command. */
export interface Acknowledgement {
  readonly id: string;
  readonly accepted: boolean;
  /** Why it was not. */
  readonly reason?: string;
  /** Steps that were done when it was obeyed. */
  readonly step: number;
  /** Told by the command: the checkpoint that was made, the run that was branched off, the value before. */
  readonly result?: { readonly [name: string]: Json };
}

const names = new Set<string>(commandTypes);
type Unknown = { readonly [key: string]: unknown };
const isName = (value: unknown): boolean => typeof value === "string" && value.length > 0 && value.length <= 256;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** What each command must hold, besides its type. */
const demands: { readonly [T in CommandType]: (command: Unknown) => boolean } = {
  pause: () => true,
  resume: () => true,
  step: ({ count }) => isCount(count) && (count as number) >= 1,
  stop: ({ save }) => typeof save === "boolean",
  set: ({ name, value }) => isName(name) && typeof value === "number" && Number.isFinite(value),
  evaluate: () => true,
  checkpoint: () => true,
  rewind: ({ checkpoint }) => isName(checkpoint),
  branch: ({ checkpoint, changes }) =>
    isName(checkpoint) &&
    typeof changes === "object" &&
    changes !== null &&
    Object.values(changes).every((value) => typeof value === "number" && Number.isFinite(value)),
  freeze: ({ layer, frozen }) => isName(layer) && typeof frozen === "boolean",
  ablate: ({ layer, unit }) => isName(layer) && isCount(unit),
  // Whether the variable has such a place, and can hold such a number, the training says.
  edit: ({ variable, index, value }) => isName(variable) && typeof index === "number" && typeof value === "number",
  undo: ({ command }) => isName(command),
  note: ({ text }) => typeof text === "string" && text.length <= 10_000,
  explain: () => true,
};

/** The command that a request holds; undefined when it is none. */
export function readCommand(value: unknown): Command | undefined {
  if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
  const { type } = value;
  if (typeof type !== "string" || !names.has(type)) return undefined;
  return demands[type as CommandType](value) ? (value as Command) : undefined; // its fields were looked at
}
