import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type ControlAnswer,
  type GridCurve,
  gridOf,
  type OnDemandRequest,
  type PredictRequest,
  type QueryAnswer,
  type RunListing,
  readCommand,
  type SessionAnswer,
} from "chainrule/record";
import type { Letter, Reply } from "chainrule/session";
import { exportRun } from "./exports.ts";
import { listingsOf } from "./logState.ts";
import { readJson, readRange, sendBytes, sendJson } from "./requests.ts";
import { RunFolder, runsIn } from "./runFolder.ts";
import { demandOwnPage, Refused } from "./security.ts";
import type { Studio } from "./server.ts";
import { streamTail, type Tailed } from "./tail.ts";

const version = "0.1.0";
const mostTailed = 64;
const mostPixels = 10_000;
const mostSeries = 256;

/** Answers what the page asks; see `chainrule/record`, api.ts. */
export async function handleApi(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  studio: Studio,
): Promise<void> {
  const [, , what = "", run, part, more, surplus] = url.pathname.split("/");
  if (surplus !== undefined) throw new Refused(404, "there is no such thing");
  if (request.method === "POST") return handlePost(request, response, studio, what, run, part);
  if (request.method !== "GET") throw new Refused(405, "this is read, or sent as JSON");
  if (what === "session" && run === undefined)
    return sendJson(response, { version, readOnly: studio.readOnly } satisfies SessionAnswer);
  if (what === "tail" && run === undefined) return streamTail(response, tailedRuns(url, studio));
  if (what === "query" && run === undefined) return sendJson(response, await query(url, studio));
  if (what === "runs" && run === undefined) return sendJson(response, await listRuns(studio));
  if (what !== "runs") throw new Refused(404, "there is no such thing");
  const folder = folderOf(studio, run);
  if (part === "log" && more === undefined) return sendLog(request, response, folder);
  if (part === "doctor" && more === undefined) {
    return sendJson(response, await studio.shelf.look(folder, (state) => state.findings()));
  }
  if (part === "blob" && more !== undefined) {
    const bytes = folder.readBlob(more);
    if (bytes === undefined) throw new Refused(404, "there is no such blob");
    return sendBytes(response, bytes);
  }
  if (part === "export" && more !== undefined) return exportRun(response, folder, more);
  throw new Refused(404, "there is no such thing");
}

function folderOf({ runs }: Studio, id = ""): RunFolder {
  const folder = RunFolder.of(runs, id);
  if (folder === undefined || !folder.exists()) throw new Refused(404, "there is no such run");
  return folder;
}

async function listRuns(studio: Studio): Promise<RunListing[]> {
  return listingsOf(studio.shelf.all(runsIn(studio.runs)));
}

function tailedRuns(url: URL, studio: Studio): Tailed[] {
  const asked = url.searchParams.getAll("run");
  if (asked.length === 0 || asked.length > mostTailed) throw new Refused(400, "say which runs: run=ID:OFFSET");
  return asked.map((text) => {
    const match = /^([^:]+):(\d{1,15})$/.exec(text);
    if (match === null) throw new Refused(400, "say which runs: run=ID:OFFSET");
    return { folder: folderOf(studio, match[1]), offset: Number(match[2]) };
  });
}

async function query(url: URL, studio: Studio): Promise<QueryAnswer> {
  const text = (name: string): string => url.searchParams.get(name) ?? "";
  const folder = folderOf(studio, text("run"));
  const axis = text("axis") === "time" ? "time" : "step";
  const [from, to, pixels] = ["from", "to", "pixels"].map((name) => Number(text(name)));
  if (![from, to, pixels].every(Number.isFinite) || pixels! < 1 || pixels! > mostPixels)
    throw new Refused(400, "from, to and pixels are numbers");
  const ids = text("series").split(",", mostSeries).map(Number);
  const grid = gridOf(from!, to!, pixels!, axis);
  const curves = await studio.shelf.look(folder, (state) => state.onGrid(ids, grid, axis));
  return { x: [...grid.x], width: grid.width, series: ids.flatMap((id, place) => told(id, curves[place])) };
}

function told(id: number, curve: GridCurve | undefined): QueryAnswer["series"] {
  if (curve === undefined) return [];
  const { min, max, mean, last, nonFinite } = curve;
  const numbers = (values: Float64Array): (number | null)[] =>
    Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  return [
    { id, min: numbers(min), max: numbers(max), mean: numbers(mean), last: numbers(last), nonFinite: [...nonFinite] },
  ];
}

function sendLog(request: IncomingMessage, response: ServerResponse, folder: RunFolder): void {
  const { bytes } = folder.bytes();
  const range = readRange(request.headers.range, bytes);
  const { from, to } = range ?? { from: 0, to: bytes };
  const length = { "Content-Type": "application/octet-stream", "Content-Length": to - from, "Accept-Ranges": "bytes" };
  response.writeHead(
    range === undefined ? 200 : 206,
    range === undefined ? length : { ...length, "Content-Range": `bytes ${from}-${to - 1}/${bytes}` },
  );
  if (to === from) response.end();
  else
    createReadStream(folder.log, { start: from, end: to - 1 })
      .on("error", () => response.destroy())
      .pipe(response);
}

async function handlePost(
  request: IncomingMessage,
  response: ServerResponse,
  studio: Studio,
  what: string,
  run: string | undefined,
  part: string | undefined,
): Promise<void> {
  demandOwnPage(request);
  if (what !== "runs" || part === undefined) throw new Refused(404, "there is no such thing");
  const folder = folderOf(studio, run);
  const body = (await readJson(request)) as { readonly [name: string]: unknown } | null;
  const id = randomUUID();
  if (part === "control") {
    if (studio.readOnly) throw new Refused(403, "this studio is read-only", "start it with --allow-control");
    const command = readCommand(body?.["command"]);
    if (command === undefined) throw new Refused(400, "this is no command");
    const letter: Letter = { type: "order", order: { id, from: "page", time: Date.now(), command } };
    const reply = await studio.channel.send(folder.id, letter);
    const told = reply.type === "acknowledgement" ? { acknowledgement: reply.acknowledgement } : {};
    return sendJson(response, { id, ...told } satisfies ControlAnswer);
  }
  const letter = question(part, id, body);
  if (letter === undefined) throw new Refused(404, "there is no such thing");
  return sendReply(response, await studio.channel.send(folder.id, letter));
}

function question(part: string, id: string, body: { readonly [name: string]: unknown } | null): Letter | undefined {
  if (part === "predict" && Array.isArray(body?.["input"]))
    return { type: "predict", id, request: body as unknown as PredictRequest }; // the training looks at its numbers
  if (part === "request" && typeof body?.["type"] === "string")
    return { type: "request", id, request: body as unknown as OnDemandRequest }; // likewise
  return undefined;
}

function sendReply(response: ServerResponse, reply: Reply): void {
  if (reply.type === "refusal") throw new Refused(400, reply.reason);
  if (reply.type === "prediction") sendJson(response, reply.answer);
  else if (reply.type === "answer") sendBytes(response, reply.log);
  else throw new Refused(500, "the training has answered something else");
}
