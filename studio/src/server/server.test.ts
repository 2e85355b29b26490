import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Recorder } from "chainrule/observe";
import { type Curve, type RunDescription, type RunListing, readLog, TailDecoder } from "chainrule/record";
import { placeIn } from "../training/place.ts";
import { freeId, RunFolder } from "./runFolder.ts";
import { type StudioServer, startServer } from "./server.ts";

const runs = mkdtempSync(join(tmpdir(), "studio-"));
const folder = RunFolder.of(runs, "digits-1")!;
let server: StudioServer;
let cookie = "";

/** Ten steps of a loss, and a blob. */
function writeRun(): void {
  const place = placeIn(folder);
  const recorder = new Recorder(place.sink, { offset: place.offset ?? 0 });
  const run = { schema: 1, id: "digits-1", name: "digits" } as unknown as RunDescription; // what is looked at here
  recorder.event({ type: "run", run }, 0);
  recorder.event({ type: "phase", time: 1, phase: "training" }, 0);
  const id = recorder.series({ name: "loss", split: "train", group: "loss", every: "step" }, 0);
  for (let step = 1; step <= 10; step++) recorder.scalars(step, [id], [1 / step], 1000 * step);
  recorder.flush();
}

before(async () => {
  writeRun();
  writeFileSync(join(runs, "secret"), "outside");
  server = await startServer({ runs });
  const opened = await ask("GET", new URL(server.link).pathname + new URL(server.link).search, {});
  cookie = String(opened.headers["set-cookie"]).split(";")[0]!;
});
after(async () => {
  await server.close();
  folder.setAlive(false);
  rmSync(runs, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request with exactly these headers; paths are sent as they are. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
  port = server.port,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask("GET", path, { cookie, ...headers });
const own = (): Record<string, string> => ({
  cookie,
  origin: `http://127.0.0.1:${server.port}`,
  "content-type": "application/json",
  "sec-fetch-site": "same-origin",
});
const pause = JSON.stringify({ command: { type: "pause" } });

test("the link opens a session: a cookie that scripts cannot read and other sites cannot send", async () => {
  const { pathname, search } = new URL(server.link);
  const opened = await ask("GET", pathname + search, {});
  assert.equal(opened.status, 303);
  assert.equal(opened.headers.location, "/");
  assert.match(
    String(opened.headers["set-cookie"]),
    /^chainrule-studio=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
  );
});

test("without the secret there is nothing: no page, no data, no commands", async () => {
  for (const path of [
    "/",
    "/index.html",
    "/api/session",
    "/api/runs",
    "/api/runs/digits-1/log",
    "/api/tail?run=digits-1:0",
    "/nothing",
  ]) {
    assert.equal((await ask("GET", path, {})).status, 401, path);
    assert.equal((await ask("GET", path, { cookie: "chainrule-studio=wrong" })).status, 401, path);
  }
  const { cookie: _, ...rest } = own();
  assert.equal((await ask("POST", "/api/runs/digits-1/control", rest, pause)).status, 401);
  assert.equal((await ask("GET", "/?token=wrong", {})).status, 403);
});

test("another name than ours is refused, with or without the secret: DNS rebinding finds nothing", async () => {
  for (const host of [
    "evil.example",
    `evil.example:${server.port}`,
    "127.0.0.1",
    `127.0.0.1.evil.example:${server.port}`,
  ]) {
    assert.equal((await get("/api/runs", { host })).status, 403, host);
    const { search } = new URL(server.link);
    assert.ok((await ask("GET", `/${search}`, { host })).status >= 400, host);
  }
  for (const host of [`localhost:${server.port}`, `127.0.0.1:${server.port}`])
    assert.equal((await get("/api/runs", { host })).status, 200, host);
});

test("changes come from our own page only, as JSON", async () => {
  const cases: readonly (readonly [Record<string, string>, number])[] = [
    [{ ...own(), origin: "http://evil.example" }, 403],
    [{ ...own(), origin: `http://localhost:${server.port}` }, 403],
    [{ ...own(), origin: "null" }, 403],
    [{ ...own(), "sec-fetch-site": "cross-site" }, 403],
    [{ ...own(), "sec-fetch-site": "same-site" }, 403],
    [{ ...own(), "content-type": "text/plain" }, 415],
    [{ ...own(), "content-type": "application/x-www-form-urlencoded" }, 415],
  ];
  for (const [headers, status] of cases)
    assert.equal(
      (await ask("POST", "/api/runs/digits-1/control", headers, pause)).status,
      status,
      JSON.stringify(headers),
    );
  const { origin: _, ...noOrigin } = own();
  assert.equal((await ask("POST", "/api/runs/digits-1/control", noOrigin, pause)).status, 403);
});

test("no path leads out of the folder of runs", async () => {
  symlinkSync(runs, join(runs, "loop"));
  const paths = [
    "/api/runs/../secret/log",
    "/api/runs/..%2f..%2fetc/log",
    "/api/runs/%2e%2e/log",
    "/api/runs/../../../../etc/passwd",
    "/api/runs/digits-1/blob/..%2f..%2fsecret",
    `/api/runs/digits-1/blob/${"a".repeat(64)}`,
    "/api/runs/digits-1/export/..%2flog",
    "/api/runs/digits-1/export/constructor",
    "/../package.json",
    "/..%2f..%2fpackage.json",
    "/assets/../../server/api.js",
    "/%00",
    "/api/tail?run=..:0",
    "/api/tail?run=../digits-1:0",
    `/api/runs/${"x".repeat(65)}/log`,
    "/api/runs/.../log",
  ];
  for (const path of paths) {
    const { status } = await get(path);
    assert.ok(status === 404 || status === 400, `${path}: ${status}`);
  }
});

test("every answer carries the policies that keep other pages and scripts out, and no CORS header", async () => {
  for (const path of ["/", "/api/runs", "/api/nothing", "/?token=x"]) {
    const { headers } = await get(path, { origin: "http://evil.example" });
    assert.match(
      String(headers["content-security-policy"]),
      /default-src 'self'.*object-src 'none'.*frame-ancestors 'none'/,
    );
    assert.doesNotMatch(String(headers["content-security-policy"]), /unsafe/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cross-origin-opener-policy"], "same-origin");
    assert.equal(headers["cross-origin-embedder-policy"], "require-corp");
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith("access-control")),
      [],
    );
  }
  assert.equal((await ask("OPTIONS", "/api/runs", { cookie, origin: "http://evil.example" })).status, 405);
});

test("beyond this machine the studio is read-only until commands are allowed", async () => {
  const open = await startServer({ runs, host: "0.0.0.0" });
  try {
    assert.equal(open.readOnly, true);
    const token = new URL(open.link).searchParams.get("token")!;
    const host = `0.0.0.0:${open.port}`;
    const headers = { ...own(), cookie: `chainrule-studio=${token}`, host, origin: `http://${host}` };
    assert.equal((await ask("POST", "/api/runs/digits-1/control", headers, pause, open.port)).status, 403);
    const session = await ask("GET", "/api/session", headers, undefined, open.port);
    assert.equal(JSON.parse(session.body.toString()).readOnly, true);
    assert.equal((await ask("GET", "/api/runs", { host }, undefined, open.port)).status, 401);
  } finally {
    await open.close();
  }
});

test("runs are listed with what is known of them", async () => {
  const [run] = JSON.parse((await get("/api/runs")).body.toString());
  assert.deepEqual(
    [run.id, run.state, run.steerable, run.step, run.run.name],
    ["digits-1", "training", true, 10, "digits"],
  );
  assert.ok(Math.abs(run.figures["train/loss"] ?? run.figures.loss - 0.1) < 1e-6);
});

test("a run that was copied tells when it ended, and not when it was copied", async () => {
  const copy = RunFolder.of(runs, "copied")!;
  cpSync(folder.path, copy.path, { recursive: true });
  copy.setAlive(false);
  const listed = JSON.parse((await get("/api/runs")).body.toString()) as RunListing[];
  assert.equal(listed.find(({ id }) => id === "copied")?.modified, 10_000);
  rmSync(copy.path, { recursive: true });
});

test("a log is read whole or in part", async () => {
  const whole = await get("/api/runs/digits-1/log");
  assert.equal(readLog(whole.body).entries.length, 4);
  const part = await get("/api/runs/digits-1/log", { range: "bytes=16-31" });
  assert.deepEqual([part.status, part.body], [206, whole.body.subarray(16, 32)]);
  assert.equal((await get("/api/runs/digits-1/log", { range: "bytes=99999999-" })).status, 416);
});

test("a query answers from the pyramid, on one grid", async () => {
  const answer = JSON.parse((await get("/api/query?run=digits-1&series=1,99&from=0&to=10&pixels=3")).body.toString());
  assert.equal(answer.width, 4);
  assert.deepEqual(answer.x, [0, 4, 8]);
  assert.equal(answer.series.length, 1);
  assert.deepEqual(answer.series[0].max, [1, 0.25, 0.125]);
  assert.equal((await get("/api/query?run=digits-1&series=1&from=0&to=x&pixels=3")).status, 400);
  assert.equal((await get("/api/query?run=digits-1&series=1&from=0&to=1e15&pixels=1e9")).status, 400);
});

test("exports: a table, JSON, and TensorBoard's events", async () => {
  const lines = (await get("/api/runs/digits-1/export/csv")).body.toString().trim().split("\n");
  assert.equal(lines.length, 11);
  assert.equal(lines[0], "step,time,train/loss");
  assert.match(lines[2]!, /^2,1970-01-01T00:00:02.000Z,0.5$/);
  const { curves } = JSON.parse((await get("/api/runs/digits-1/export/json")).body.toString()) as {
    curves: (Curve["definition"] & { values: number[] })[];
  };
  assert.equal(curves[0]!.values.length, 10);
  const events = (await get("/api/runs/digits-1/export/tfevents")).body;
  assert.ok(events.includes("brain.Event:2") && events.includes("train/loss"));
});

test("the tail gives whole frames from an offset on, and follows; a restarted server goes on without loss or repetition", async () => {
  const id = freeId(runs, "tail");
  const place = placeIn(RunFolder.of(runs, id)!);
  const recorder = new Recorder(place.sink);
  const series = recorder.series({ name: "loss", split: "train", group: "loss", every: "step" }, 0);
  let written = 0;
  const writeSteps = (count: number): void => {
    for (let each = 0; each < count; each++) recorder.scalars(++written, [series], [written]);
    recorder.flush();
  };
  writeSteps(50);
  let received = new Uint8Array(0);
  const follow = async (port: number, token: string, until: () => boolean): Promise<void> => {
    const decoder = new TailDecoder();
    await new Promise<void>((resolve, reject) => {
      const headers = { cookie: token };
      const sent = request(
        { host: "127.0.0.1", port, path: `/api/tail?run=digits-1:0&run=${id}:${received.length}`, headers },
        (response) => {
          response.on("data", (part: Buffer) => {
            for (const { run, bytes } of decoder.push(part))
              if (run === 1) received = Uint8Array.from([...received, ...bytes]);
            if (until()) resolve();
          });
          response.on("end", resolve);
          response.on("error", () => resolve());
        },
      );
      sent.on("error", reject);
      sent.end();
    });
  };
  const steps = (): number[] =>
    received.length < 16
      ? []
      : readLog(received).entries.flatMap((entry) => (entry.kind === "scalars" ? [...entry.content.steps] : []));

  const first = await startServer({ runs });
  const token = `chainrule-studio=${new URL(first.link).searchParams.get("token")}`;
  const writing = setInterval(() => writeSteps(7), 20);
  await follow(first.port, token, () => steps().length >= 80);
  await first.close(); // killed in the middle
  const second = await startServer({ runs, port: first.port, token: token.split("=")[1] });
  await follow(second.port, token, () => steps().length >= 200);
  clearInterval(writing);
  await second.close();
  assert.deepEqual(
    steps(),
    Array.from({ length: steps().length }, (_, index) => index + 1),
  );
  place.sink.close();
});
