import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { uniformSource } from "chainrule/data";
import { Recorder } from "chainrule/observe";
import type { Letter } from "chainrule/session";
import { FolderMailbox } from "../training/folderMailbox.ts";
import { placeIn } from "../training/place.ts";
import { RunFolder } from "./runFolder.ts";
import { type StudioServer, startServer } from "./server.ts";

const runs = mkdtempSync(join(tmpdir(), "fuzz-"));
const folder = RunFolder.of(runs, "run-1")!;
let server: StudioServer;
let cookie = "";
/** Letters that a training would have got. */
const arrived: Letter[] = [];

before(async () => {
  const place = placeIn(folder);
  const recorder = new Recorder(place.sink);
  const id = recorder.series({ name: "loss", split: "train", group: "loss", every: "step" }, 0);
  for (let step = 1; step <= 100; step++) recorder.scalars(step, [id], [1 / step], step);
  recorder.flush();
  const channel = {
    reaches: (run: string): boolean => run === "run-1",
    send: async (_: string, letter: Letter) => {
      arrived.push(letter);
      const own = letter.type === "order" ? letter.order.id : letter.id;
      return { type: "refusal", id: own, reason: "it is only a test" } as const;
    },
  };
  server = await startServer({ runs, channel });
  cookie = `chainrule-studio=${new URL(server.link).searchParams.get("token")}`;
});
after(async () => {
  await server.close();
  folder.setAlive(false);
  rmSync(runs, { recursive: true });
});

const uniform = uniformSource(7);
const below = (count: number): number => Math.floor(uniform() * count);
const one = <T>(all: readonly T[]): T => all[below(all.length)]!;

/** Texts and numbers that programs trip over. */
const odd = [
  ..."/.%?&#=:;,\\\"'{}[]<>\0\n\r\t é\u{1f600}",
  ...[
    "..",
    "%2e%2e",
    "%00",
    "%",
    "//",
    "-1",
    "1e308",
    "NaN",
    "Infinity",
    "null",
    "undefined",
    "__proto__",
    "constructor",
  ],
  "9".repeat(30),
  "a".repeat(300),
];
/** A text with some places changed, left out, doubled or exchanged. */
function mutated(text: string): string {
  let result = text;
  for (let times = 1 + below(3); times > 0; times--) {
    const at = below(result.length + 1);
    const to = Math.min(result.length, at + below(8));
    const part = one(["", one(odd), result.slice(at, to).repeat(2), String.fromCharCode(below(256))]);
    result = result.slice(0, at) + part + result.slice(to);
  }
  return result;
}

const paths = [
  "/api/runs",
  "/api/session",
  "/api/runs/run-1/log",
  "/api/runs/run-1/doctor",
  "/api/runs/run-1/export/csv",
  "/api/runs/run-1/export/json",
  `/api/runs/run-1/blob/${"ab".repeat(32)}`,
  "/api/query?run=run-1&series=1,2&from=0&to=100&pixels=50&axis=step",
  "/api/query?run=run-1&series=1&from=0&to=100&pixels=50&axis=time",
  "/",
  "/page.js",
];
const bodies = [
  { command: { type: "set", name: "learningRate", value: 0.1 } },
  { command: { type: "branch", checkpoint: "checkpoint-1", changes: { learningRate: 1 } } },
  { command: { type: "note", text: "hello" } },
  { input: [1, 2, 3], layers: ["hidden"] },
  { type: "embeddings", split: "train", count: 10, projection: "pca", dimensions: 2 },
].map((body) => JSON.stringify(body));

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** The status of a request; 0 where it cannot even be sent as one. */
function ask(method: string, path: string, headers: Record<string, string>, body?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    try {
      const given = { host: "127.0.0.1", port: server.port, method, path, headers, agent };
      const sent = request(given, (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode!));
      });
      sent.once("error", (error: NodeJS.ErrnoException) =>
        error.code === "ECONNRESET" || error.code === "EPIPE" || error.code?.startsWith("HPE_")
          ? resolve(0)
          : reject(error),
      );
      sent.end(body);
    } catch {
      resolve(0); // Node itself refuses to send such a path or header
    }
  });
}

async function alive(): Promise<void> {
  assert.equal(await ask("GET", "/api/runs", { host: `127.0.0.1:${server.port}`, cookie }), 200);
}

test("8,000 mutated requests: each is answered or refused, and the server never fails", async () => {
  const own = (): Record<string, string> => {
    const host = `127.0.0.1:${server.port}`;
    return { host, cookie, origin: `http://${host}`, "content-type": "application/json" };
  };
  const statuses = new Map<number, number>();
  const some = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      const headers = own();
      if (below(4) === 0) {
        const name = one([...Object.keys(headers), "range", "content-length", "sec-fetch-site"]);
        headers[name] = mutated(headers[name] ?? "bytes=0-10");
      }
      const post = below(2) === 0;
      const path = post ? `/api/runs/run-1/${one(["control", "predict", "request"])}` : one(paths);
      const body = post ? (below(5) === 0 ? one(bodies) : mutated(one(bodies))) : undefined;
      const method = below(20) === 0 ? one(["PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"]) : post ? "POST" : "GET";
      const asked = below(3) === 0 ? path : mutated(path);
      const status = await ask(method, asked, headers, body);
      assert.ok(status < 500, `${status}: ${method} ${JSON.stringify([asked, headers, body])}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 8 }, () => some(1000)));
  for (const status of [200, 400, 403, 404, 415]) assert.ok(statuses.has(status), `${status} of ${[...statuses]}`);
  // What reached the training was whole.
  for (const letter of arrived)
    assert.equal(typeof (letter.type === "order" ? letter.order.command : letter.request), "object");
  assert.ok(arrived.length > 100);
  await alive();
});

test("2,000 mutated streams of bytes are no requests, and harm none", async () => {
  const whole = `GET /api/runs HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nCookie: ${cookie}\r\nContent-Length: 5\r\n\r\nhello`;
  const send = (bytes: Buffer): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => socket.end(bytes));
      socket.resume();
      socket.once("error", () => {});
      socket.once("close", () => resolve());
      socket.setTimeout(500, () => socket.destroy());
    });
  const some = async (): Promise<void> => {
    for (let at = 0; at < 125; at++) await send(Buffer.from(mutated(mutated(whole)), "latin1"));
  };
  await Promise.all(Array.from({ length: 16 }, some));
  await alive();
});

test("10,000 mutated lines in a run's mailbox: only whole letters come out", () => {
  const mailbox = new FolderMailbox(() => folder);
  const lines = [
    {
      type: "order",
      order: { id: "a-1", from: "page", time: 1, command: { type: "set", name: "learningRate", value: 0.1 } },
    },
    { type: "order", order: { id: "a-2", from: "page", time: 1, command: { type: "step", count: 3 } } },
    { type: "predict", id: "a-3", request: { input: [1, 2] } },
    { type: "request", id: "a-4", request: { type: "trace", steps: 2 } },
  ].map((letter) => JSON.stringify(letter));
  let letters = 0;
  for (let round = 0; round < 100; round++) {
    const all = Array.from({ length: 100 }, () => (below(4) === 0 ? one(lines) : mutated(one(lines))));
    appendFileSync(folder.letters, `${all.join("\n")}\n`);
    for (const letter of mailbox.look()) {
      letters++;
      const id = letter.type === "order" ? letter.order.id : letter.id;
      // Ids become names of files.
      assert.match(id, /^[A-Za-z0-9-]{1,64}$/);
      if (letter.type === "order") {
        const { command } = letter.order;
        if (command.type === "step") assert.ok(Number.isSafeInteger(command.count) && command.count >= 1);
        if (command.type === "set") assert.ok(Number.isFinite(command.value) && typeof command.name === "string");
      } else assert.ok(typeof letter.request === "object" && letter.request !== null);
    }
  }
  assert.ok(letters >= 2000 && letters < 9900, `${letters} letters`);
});
