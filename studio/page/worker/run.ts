// The worker that reads runs: bytes come in from a source, and go out as pictures' worth of numbers. The page's own thread
// never sees a log.

import { RunLog } from "../data/runLog.ts";
import { answer } from "./answers.ts";
import { digestOf, rowOf } from "./digest.ts";
import { HttpSource } from "./httpSource.ts";
import type { Connection, FromWorker, SourceChoice, ToWorker } from "./protocol.ts";
import type { RunSource } from "./source.ts";

/** What a worker has of `self`; the library of types for pages does not know it. */
interface WorkerScope {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}
const scope = globalThis as unknown as WorkerScope;

const digestMs = 120;
const listMs = 2500;
const firstRetryMs = 250;
const longestRetryMs = 5000;
/** So many bytes of files are read for the table, whether a run is looked at or not. */
const readAtOnceBytes = 48 * 2 ** 20;

const runs = new Map<string, RunLog>();
const versions = new Map<string, number>();
const complete = new Set<string>();
let source: RunSource = new HttpSource("");
let watched: readonly string[] = [];
let listed: Awaited<ReturnType<RunSource["list"]>> = [];
let visible = true;
/** Ends the tail of what was watched before. */
let ending = new AbortController();
/** Runs of which the page does not know the last change. */
const changed = new Set<string>();
let digestTimer: ReturnType<typeof setTimeout> | undefined;

scope.onmessage = ({ data }) => {
  if (data.kind === "ask") void answerPage(data);
  else if (data.kind === "open") void open(data.source);
  else if (data.kind === "watch") watch(data.runs);
  else {
    visible = data.visible;
    // A tab that nobody sees gives its connection back, and goes on at the same byte later.
    follow();
  }
};

async function open(choice: SourceChoice): Promise<void> {
  watched = [];
  const own = await sourceOf(choice);
  // What was under way until now is about the runs before.
  ending.abort();
  for (const map of [runs, versions, complete, changed]) map.clear();
  [source, listed, told] = [own, [], ""];
  scope.postMessage({ kind: "opened" });
  void follow();
  await list();
  if (!own.live) await readForTable(own);
  while (own.live && source === own) {
    await new Promise((resolve) => setTimeout(resolve, listMs));
    if (visible && source === own) await list();
  }
}

async function sourceOf(choice: SourceChoice): Promise<RunSource> {
  if (choice.kind === "http") return new HttpSource(choice.base);
  if (choice.kind === "files") return new (await import("./fileSource.ts")).FileSource(choice.files);
  if (choice.kind === "port") return new (await import("./portSource.ts")).PortSource(choice.port, list);
  const { MemorySource } = await import("./memorySource.ts");
  const memory = new MemorySource();
  for (const { id, bytes } of choice.runs) memory.add(id, bytes);
  return memory;
}

async function list(): Promise<void> {
  const own = source;
  try {
    const found = await own.list();
    // An answer that comes late is not about the runs that were opened since.
    if (source !== own) return;
    listed = found;
    tellRows();
  } catch (error) {
    if (source === own) tellConnection("retrying", wordsOf(error));
  }
}

/** Files have no list of figures: the table's are in the logs. */
async function readForTable(own: RunSource): Promise<void> {
  let budget = readAtOnceBytes;
  for (const { id, bytes } of listed) {
    budget -= bytes;
    if (budget < 0) return;
    if (watched.includes(id)) continue;
    await own.tail([{ run: id, from: logOf(id).bytes }], take, new AbortController().signal);
    if (source !== own) return;
    complete.add(id);
    changes(id);
  }
}

function logOf(run: string): RunLog {
  const log = runs.get(run) ?? new RunLog();
  runs.set(run, log);
  return log;
}

function watch(wanted: readonly string[]): void {
  if (wanted.length === watched.length && wanted.every((run) => watched.includes(run))) return;
  watched = wanted;
  for (const run of wanted) changes(run);
  follow();
}

/** Reads on what is watched, for as long as it is; begins again where a connection broke. */
async function follow(): Promise<void> {
  ending.abort();
  ending = new AbortController();
  const { signal } = ending;
  if (!visible || watched.length === 0) return;
  for (let retryMs = firstRetryMs; !signal.aborted; retryMs = Math.min(2 * retryMs, longestRetryMs)) {
    try {
      tellConnection(source.live ? "live" : "reading", "");
      const requests = watched.map((run) => ({ run, from: logOf(run).bytes }));
      const before = requests.reduce((sum, { from }) => sum + from, 0);
      await source.tail(requests, (run, bytes) => !signal.aborted && take(run, bytes), signal);
      if (signal.aborted) return;
      if (!source.live) {
        for (const { run } of requests) {
          complete.add(run);
          changes(run);
        }
        return tellConnection("still", "");
      }
      if (watched.reduce((sum, run) => sum + logOf(run).bytes, 0) > before) retryMs = firstRetryMs;
    } catch (error) {
      if (signal.aborted) return;
      tellConnection("retrying", wordsOf(error));
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

function take(run: string, bytes: Uint8Array): void {
  if (logOf(run).push(bytes)) changes(run);
}

function changes(run: string): void {
  versions.set(run, (versions.get(run) ?? 0) + 1);
  changed.add(run);
  if (digestTimer === undefined) digestTimer = setTimeout(tellChanges, digestMs);
}

function tellChanges(): void {
  digestTimer = undefined;
  for (const run of changed) {
    const digest = digestOf(run, logOf(run), versions.get(run) ?? 0, complete.has(run));
    scope.postMessage({ kind: "digest", digest });
  }
  changed.clear();
  tellRows();
}

const tellRows = (): void =>
  scope.postMessage({ kind: "rows", rows: listed.map((listing) => rowOf(listing, runs.get(listing.id))) });

let told = "";
function tellConnection(connection: Connection, words: string): void {
  if (told === connection + words) return;
  told = connection + words;
  scope.postMessage({ kind: "connection", connection, words });
}

async function answerPage({ id, name, params }: Extract<ToWorker, { kind: "ask" }>): Promise<void> {
  try {
    // Name and question belong together: the page's client is typed by the same table.
    const value: unknown = await answer(name, params as never, { runs, source, touch: changes });
    scope.postMessage({ kind: "answer", id, value });
  } catch (error) {
    scope.postMessage({ kind: "answer", id, error: wordsOf(error) });
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
