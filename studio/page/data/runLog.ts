import {
  type CheckpointReference,
  diagnose,
  type Entry,
  type EvaluationEvent,
  type ExponentHistogram,
  Facts,
  type Finding,
  LogReader,
  type MemoryReport,
  type MistakesEvent,
  type NotFiniteEvent,
  type ProbeEvent,
  type RunDescription,
  type RunEvent,
  type SeriesDefinition,
  type Slice,
  type Spans,
  type TensorDefinition,
  type TensorStats,
} from "chainrule/record";
import { Curve } from "./curve.ts";
import { Journal } from "./journal.ts";
import { type At, cut } from "./search.ts";

/** The statistics of a tensor, by rising steps. */
export interface TensorHistory {
  readonly definition: TensorDefinition;
  readonly stats: At<TensorStats>[];
  readonly histograms: At<ExponentHistogram>[];
}

/** Slices are thinned when they need more memory than this. */
const mostSliceBytes = 192 * 2 ** 20;

/**
 * A run as its log tells it so far. The log comes in pieces of any size; where a run was rewound, what came after that step is
 * forgotten, and the curves go on from there.
 */
export class RunLog {
  readonly reader = new LogReader();
  readonly series = new Map<number, Curve>();
  readonly tensors = new Map<number, TensorHistory>();
  readonly journal = new Journal();
  /** The curves themselves, and what the doctor looks at. */
  readonly #facts = new Facts();
  readonly evaluations: At<EvaluationEvent>[] = [];
  readonly mistakes: At<MistakesEvent>[] = [];
  readonly probes: At<ProbeEvent>[] = [];
  readonly notFinite: At<NotFiniteEvent>[] = [];
  readonly spans: At<Spans>[] = [];
  readonly memory: At<MemoryReport>[] = [];
  readonly checkpoints: At<CheckpointReference>[] = [];
  slices: At<Slice>[] = [];
  description: RunDescription | undefined;
  step = 0;
  /** Bytes that were read. */
  bytes = 0;
  #sliceBytes = 0;

  /** Takes the next bytes; true when they told something new. */
  push(bytes: Uint8Array): boolean {
    this.bytes += bytes.length;
    const entries = this.reader.push(bytes);
    for (const entry of entries) this.#take(entry);
    return entries.length > 0;
  }

  /** Series in the order of their definitions. */
  get definitions(): readonly SeriesDefinition[] {
    return [...this.series.values()].map(({ definition }) => definition);
  }

  /** What the doctor says of the run so far. */
  findings(): readonly Finding[] {
    return diagnose(this.#facts);
  }

  /** The curve with the most values: it tells when steps were done. */
  get longest(): Curve | undefined {
    let found: Curve | undefined;
    for (const curve of this.series.values()) if (curve.length > (found?.length ?? 0)) found = curve;
    return found;
  }

  #take(entry: Entry): void {
    const { kind, step, stream, content } = entry;
    if (kind !== "scalars" && kind !== "define") this.step = Math.max(this.step, step);
    const tensor = this.tensors.get(stream);
    const at = <T>(value: T): At<T> => ({ step, value });
    switch (kind) {
      case "event":
        this.#facts.take(entry);
        this.#event(step, content);
        break;
      case "define":
        this.#facts.take(entry);
        if (content.define === "series") this.#addSeries(content);
        else this.tensors.set(content.id, { definition: content, stats: [], histograms: [] });
        break;
      case "scalars":
        this.#scalars(entry);
        break;
      case "stats":
        this.#facts.take(entry);
        tensor?.stats.push(at(content));
        break;
      case "histogram":
        tensor?.histograms.push(at(content));
        break;
      case "slice":
        this.slices.push(at(content));
        this.#sliceBytes += content.data.length;
        if (this.#sliceBytes > mostSliceBytes) this.#thinSlices();
        break;
      case "spans":
        // A training may end before the steps that were to be timed.
        if (content.spans.length > 0) this.spans.push(at(content));
        break;
      case "memory":
        this.memory.push(at(content));
        break;
      case "checkpoint":
        this.checkpoints.push(at(content));
        break;
      case "index":
        break;
      default:
        kind satisfies never;
    }
  }

  #event(step: number, event: RunEvent): void {
    if (event.type === "run") this.description = event.run;
    else if (event.type === "evaluation") this.evaluations.push({ step, value: event });
    else if (event.type === "mistakes") this.mistakes.push({ step, value: event });
    else if (event.type === "probe") this.probes.push({ step, value: event });
    else if (event.type === "notFinite") this.notFinite.push({ step, value: event });
    const back = this.journal.take(step, event);
    if (back !== undefined) this.#rewind(back);
  }

  #scalars(entry: Extract<Entry, { kind: "scalars" }>): void {
    const { series, steps } = entry.content;
    const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 0];
    // A step that comes a second time: the run was rewound, and its command not told. A step may be evaluated twice.
    const behind = Array.from(series).some((id) => {
      const curve = this.series.get(id);
      return curve?.definition.every === "step" && curve.length > 0 && first <= curve.lastStep;
    });
    if (behind) this.#rewind(first - 1);
    this.#facts.take(entry);
    this.step = Math.max(this.step, last);
  }

  #addSeries(definition: SeriesDefinition): void {
    const own = this.#facts.curves.get(definition.id);
    if (own !== undefined) this.series.set(definition.id, new Curve(definition, own.values));
  }

  /** Forgets what was true after `step`. */
  #rewind(step: number): void {
    for (const curve of this.series.values()) curve.rewind(step);
    for (const { stats, histograms } of this.tensors.values()) for (const list of [stats, histograms]) cut(list, step);
    for (const list of [this.evaluations, this.mistakes, this.spans, this.memory]) cut(list, step);
    // Pictures of examples are written once, and do not change.
    this.slices = this.slices.filter((each) => each.step <= step || each.value.head.role === "example");
    this.step = step;
  }

  /** Leaves out every second step of what changes from evaluation to evaluation; examples stay. */
  #thinSlices(): void {
    const steps = [...new Set(this.slices.map(({ step }) => step))];
    const kept = new Set(steps.filter((_, place) => place % 2 === 0 || place === steps.length - 1));
    this.slices = this.slices.filter(({ step, value }) => value.head.role === "example" || kept.has(step));
    this.#sliceBytes = this.slices.reduce((sum, { value }) => sum + value.data.length, 0);
  }
}
