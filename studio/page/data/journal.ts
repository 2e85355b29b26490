import type { AlertEvent, Command, EpochEvent, Phase, RecordingEvent, RunEvent } from "chainrule/record";

/** What stands on the time line of a run. */
export interface Marker {
  readonly step: number;
  readonly kind: "command" | "notFinite" | "alert" | "note" | "phase";
  readonly label: string;
  /** Of commands: what undo goes back from. */
  readonly command?: string;
  readonly undoable?: boolean;
}

export interface AlertAt extends AlertEvent {
  readonly step: number;
}

const mostMarkers = 2000;

/** What a run tells in words: its phase, its markers, what the doctor said, the values of its parameters. */
export class Journal {
  readonly markers: Marker[] = [];
  readonly alerts: AlertAt[] = [];
  readonly frozen = new Set<string>();
  /** Declared parameters that were set, by name. */
  readonly parameters = new Map<string, number>();
  phase: Phase = "compiling";
  reason = "";
  phaseTime = 0;
  recording: RecordingEvent | undefined;
  epoch: EpochEvent | undefined;
  /** Rises with every change. */
  version = 0;
  readonly #open = new Map<string, Command>();

  /** Takes an event; the step that the run went back to, where it did. */
  take(step: number, event: RunEvent): number | undefined {
    this.version++;
    switch (event.type) {
      case "phase":
        this.phase = event.phase;
        this.reason = event.reason ?? "";
        this.phaseTime = event.time;
        if (event.phase === "failed") this.#mark({ step, kind: "phase", label: `failed: ${event.reason ?? ""}` });
        return undefined;
      case "epoch":
        this.epoch = event;
        return undefined;
      case "command":
        this.#open.set(event.id, event.command);
        return undefined;
      case "acknowledgement": {
        const command = this.#open.get(event.id);
        this.#open.delete(event.id);
        if (command === undefined || !event.accepted) return undefined;
        this.#obeyed(event.step, event.id, command);
        if (command.type !== "rewind" && command.type !== "undo") return undefined;
        // The answer itself stands at the step from which the run went back.
        return typeof event.result?.["step"] === "number" ? event.result["step"] : event.step;
      }
      case "alert":
        this.alerts.push({ ...event, step });
        this.#mark({ step, kind: "alert", label: event.title });
        return undefined;
      case "recording":
        this.recording = event;
        return undefined;
      case "notFinite":
        this.#mark({ step, kind: "notFinite", label: `${event.figure} is not finite` });
        return undefined;
      case "note":
        this.#mark({ step, kind: "note", label: event.text });
        return undefined;
      case "run":
        for (const { name, value } of event.run.parameters) this.parameters.set(name, value);
        return undefined;
      case "evaluation":
      case "mistakes":
      case "probe":
        return undefined;
    }
    return undefined; // an event of a later version
  }

  #obeyed(step: number, id: string, command: Command): void {
    const undoable = /^(?:set|freeze|ablate|edit)$/.test(command.type);
    if (markable.has(command.type))
      this.#mark({ step, kind: "command", label: wordsOf(command), command: id, undoable });
    if (command.type === "set") this.parameters.set(command.name, command.value);
    if (command.type === "freeze") {
      if (command.frozen) this.frozen.add(command.layer);
      else this.frozen.delete(command.layer);
    }
  }

  #mark(marker: Marker): void {
    this.markers.push(marker);
    if (this.markers.length > mostMarkers) this.markers.splice(0, mostMarkers / 2);
  }
}

/** Pause, resume and step change nothing in what is learnt: they would only fill the time line. */
const markable = new Set<Command["type"]>([
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
]);

/** A command as people say it. */
export function wordsOf(command: Command): string {
  switch (command.type) {
    case "set":
      return `${command.name} = ${Number(command.value.toPrecision(4))}`;
    case "freeze":
      return `${command.frozen ? "freeze" : "unfreeze"} ${command.layer}`;
    case "ablate":
      return `${command.layer}: unit ${command.unit} set to zero`;
    case "edit":
      return `${command.variable}[${command.index}] = ${Number(command.value.toPrecision(4))}`;
    case "rewind":
      return `rewind to ${command.checkpoint}`;
    case "branch":
      return `branch from ${command.checkpoint}`;
    case "step":
      return `${command.count} steps`;
    case "note":
      return command.text;
    default:
      return command.type;
  }
}
