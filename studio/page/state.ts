import { batch, computed, effect, signal } from "@preact/signals";
import type { Command, SeriesDefinition } from "chainrule/record";
import { Client } from "./client.ts";
import type { Axis } from "./data/lines.ts";
import type { Connection, Digest, FromWorker, RunRow, SourceChoice } from "./worker/protocol.ts";

export const screens = ["runs", "live", "network", "health", "data", "profile"] as const;
export type Screen = (typeof screens)[number];

/** Runs that are drawn over each other, at most. */
export const mostCompared = 6;

// What the whole page agrees on. Panels read these signals, and draw again when one changes.

export const screen = signal<Screen>("runs");
export const rows = signal<readonly RunRow[]>([]);
export const digests = signal<ReadonlyMap<string, Digest>>(new Map());
export const connection = signal<{ readonly state: Connection; readonly words: string }>({ state: "still", words: "" });
/** The run that all screens but the first are about. */
export const runId = signal<string | undefined>(undefined);
/** Runs that are compared, in the order of their colours. */
export const compared = signal<readonly string[]>([]);
/** Where the time cursor stands: "live" follows the last step. */
export const cursor = signal<number | "live">("live");
/** What is said to those who cannot see the page. */
export const announcement = signal("");
/** What has just happened, for all to see: the answer to a command, an error. */
export const notice = signal<{ readonly text: string; readonly bad: boolean } | undefined>(undefined);

export const axis = signal<Axis>("step");
export const logX = signal(false);
export const logY = signal(false);
export const smoothing = signal(0.6);
/** The part of the axis that all curves show; all of it when undefined. */
export const zoom = signal<readonly [number, number] | undefined>(undefined);

export const digest = computed(() => (runId.value === undefined ? undefined : digests.value.get(runId.value)));
export const lastStep = computed(() => digest.value?.step ?? 0);
export const step = computed(() => (cursor.value === "live" ? lastStep.value : Math.min(cursor.value, lastStep.value)));
export const steerable = computed(() => rows.value.find(({ id }) => id === runId.value)?.steerable ?? false);
export const isLive = computed(() => {
  const phase = digest.value?.phase;
  return steerable.value && phase !== "done" && phase !== "stopped" && phase !== "failed";
});
export const classNames = computed(() => digest.value?.description?.data.classes ?? []);

/** Layers of a kernel, without the name of the model before each. */
export const withoutModel = (layers: string): string => {
  const model = digest.value?.description?.model?.name;
  return layers
    .split("+")
    .map((each) => (model !== undefined && each.startsWith(`${model}/`) ? each.slice(model.length + 1) : each))
    .join(" + ");
};

/** Names that more than one run has: of these runs the id is shown. */
const sharedNames = computed(() => {
  const seen = new Set<string>();
  return new Set(rows.value.flatMap(({ id, run }) => (seen.size < seen.add(run?.name ?? id).size ? [] : [run?.name])));
});

/** What a run is called, so that no other one is meant. */
export const nameOfRun = (id: string, name: string | undefined): string =>
  name === undefined || sharedNames.value.has(name) ? id : name;
export const runName = (id: string): string =>
  nameOfRun(id, rows.value.find((row) => row.id === id)?.run?.name ?? digests.value.get(id)?.description?.name);

export const client = new Client(receive, (words) => say(`the reader of runs has failed: ${words}`, true));

/** Sources that were opened and have not answered: until then the worker speaks of the one before. */
let opening = 0;

function receive(message: Exclude<FromWorker, { kind: "answer" }>): void {
  if (message.kind === "opened") opening--;
  else if (opening > 0) return;
  else if (message.kind === "rows") rows.value = message.rows;
  else if (message.kind === "connection") connection.value = { state: message.connection, words: message.words };
  else digests.value = new Map(digests.value).set(message.digest.id, message.digest);
}

/** Opens a source; its newest run is shown. */
export function openSource(source: SourceChoice): void {
  batch(() => {
    rows.value = [];
    connection.value = { state: "still", words: "" };
    digests.value = new Map();
    runId.value = undefined;
    compared.value = [];
    cursor.value = "live";
    zoom.value = undefined;
  });
  opening++;
  client.post({ kind: "open", source }, source.kind === "port" ? [source.port] : []);
}

export function openRun(id: string): void {
  if (runId.value === id) return;
  batch(() => {
    runId.value = id;
    cursor.value = "live";
    zoom.value = undefined;
    if (!compared.value.includes(id)) compared.value = [...compared.value.slice(1 - mostCompared), id];
  });
}

export function toggleCompared(id: string): void {
  const now = compared.value;
  compared.value = now.includes(id) ? now.filter((each) => each !== id) : [...now.slice(1 - mostCompared), id];
}

/** Moves the time cursor; at the end it follows a run that grows. */
export function moveCursor(to: number): void {
  cursor.value = to >= lastStep.value ? "live" : Math.max(0, Math.round(to));
}

export const findSeries = (of: Digest | undefined, name: string, split: SeriesDefinition["split"]) =>
  of?.series.find((series) => series.name === name && series.split === split);

/** Gives the run a command, and tells what became of it. */
export async function command(order: Command): Promise<void> {
  const run = runId.value;
  if (run === undefined) return;
  try {
    if (order.type === "branch") branching.value = run;
    const { acknowledgement } = await client.ask("send", { run, command: order });
    if (acknowledgement?.accepted === false) branching.value = undefined;
    if (acknowledgement === undefined) say(`${order.type}: sent; the training has not come to it yet`);
    else if (acknowledgement.accepted) say(`${order.type}: done at step ${acknowledgement.step}`);
    else say(`${order.type}: refused: ${acknowledgement.reason ?? "no reason given"}`, true);
  } catch (error) {
    say(`${order.type}: ${error instanceof Error ? error.message : String(error)}`, true);
  }
}

/** A run that this page has asked for a branch: the training goes on there, and so does who looks at it. */
const branching = signal<string | undefined>(undefined);
effect(() => {
  const { phase, reason = "" } = digests.value.get(branching.value ?? "") ?? {};
  const branch = phase === "stopped" ? /^branched off to (\S+)$/.exec(reason)?.[1] : undefined;
  if (branch === undefined) return;
  branching.value = undefined;
  openRun(branch);
});

let noticeTimer: ReturnType<typeof setTimeout> | undefined;
const noticeMs = 6000;

/** Shows and speaks a sentence. */
export function say(text: string, bad = false): void {
  batch(() => {
    notice.value = { text, bad };
    announcement.value = text;
  });
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => (notice.value = undefined), noticeMs);
}

// The worker reads the logs of runs that are looked at, and no others.
effect(() => {
  const wanted = runId.value === undefined ? compared.value : [...new Set([runId.value, ...compared.value])];
  client.post({ kind: "watch", runs: wanted });
});

// Without a choice, the newest run that trains, or the newest of all, is shown.
effect(() => {
  const known = rows.value;
  if (runId.value !== undefined || known.length === 0) return;
  const newest = [...known].sort((a, b) => Number(b.steerable) - Number(a.steerable) || b.modified - a.modified)[0];
  if (newest !== undefined) openRun(newest.id);
});

document.addEventListener("visibilitychange", () =>
  client.post({ kind: "visible", visible: document.visibilityState === "visible" }),
);
