import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { ArgumentError, DataError } from "../base/errors.ts";
import { zipOf } from "../formats/archive/samples.test.body.ts";
import {
  type DownloadProgress,
  fetchArchive,
  fetchFile,
  fetchSource,
  progressLine,
  terminalProgress,
} from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "chainrule-download-"));
const content = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 31 + (at >> 8)) & 255);
const sha256 = createHash("sha256").update(content).digest("hex");
const md5 = createHash("md5").update(content).digest("hex");

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server that behaves as each test says; it remembers what was asked. */
async function serve(answer: Answer): Promise<{
  url: string;
  asked: IncomingMessage["headers"][];
  paths: string[];
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const asked: IncomingMessage["headers"][] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    paths.push(request.url ?? "");
    answer(request, response, asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    paths,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Answers as a good server does, with ranges; `cutAt` breaks the connection after so many bytes of the file. */
const send =
  (bytes: Uint8Array, { etag = '"one"', cutAt }: { etag?: string | undefined; cutAt?: number } = {}): Answer =>
  (request, response) => {
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const isSame = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
    const start = from !== undefined && isSame ? Number(from) : 0;
    if (start >= bytes.length && start > 0) {
      response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
      return;
    }
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": bytes.length - start,
      ...(etag === "" ? {} : { etag }),
      ...(start > 0 ? { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (cutAt === undefined) response.end(bytes.subarray(start));
    else response.write(bytes.subarray(start, cutAt), () => setTimeout(() => response.destroy(), 20));
  };

let folders = 0;
const options = () => ({ folder: join(root, String(folders++)), retryDelayMs: 1, timeoutMs: 20_000 });
const isContent = (path: string): void => assert.deepEqual(new Uint8Array(readFileSync(path)), content);
after(() => rmSync(root, { recursive: true }));

test("a file is fetched once, checked, kept privately, and found again without a server", async () => {
  const given = options();
  const progress: DownloadProgress[] = [];
  let url: string;
  {
    await using server = await serve(send(content));
    url = `${server.url}/data/digits.bin?v=1`;
    const path = await fetchFile(url, { ...given, checksum: { sha256 }, onProgress: (each) => progress.push(each) });
    assert.equal(path, join(given.folder, "digits.bin"));
    isContent(path);
    assert.equal(statSync(given.folder).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(given.folder), ["digits.bin"]);
    assert.equal(server.asked.length, 1);
  }
  assert.deepEqual(progress.at(-1), { name: "digits.bin", bytes: 300_000, totalBytes: 300_000, done: true });
  isContent(await fetchFile(url, { ...given, checksum: { md5: md5.toUpperCase() } }));
  const source = await fetchSource(url, given);
  assert.deepEqual(await source.read(1000, 10), content.slice(1000, 1010));
  await source.close();
});

test("a connection that is cut is taken up again where it stopped", async () => {
  await using server = await serve((request, response, count) =>
    send(content, count < 3 ? { cutAt: 100_000 * count } : {})(request, response, count),
  );
  isContent(await fetchFile(`${server.url}/a.bin`, options()));
  const ranges = server.asked.map(({ range }) => Number(/\d+/.exec(range ?? "bytes=0-")?.[0]));
  assert.equal(ranges.length, 3);
  assert.ok(ranges[0] === 0 && ranges[1]! > 0 && ranges[2]! > ranges[1]!, ranges.join(", "));
  assert.deepEqual(
    server.asked.map((headers) => headers["if-range"]),
    [undefined, '"one"', '"one"'],
  );
});

test("so is one of an earlier program; a file that has changed meanwhile is begun anew", async () => {
  for (const etag of ['"one"', '"two"']) {
    const given = { ...options(), checksum: { sha256 } };
    const old = etag === '"one"' ? content : content.map((byte) => byte ^ 1);
    await using server = await serve((request, response, count) =>
      (count === 1 ? send(old, { cutAt: 200_000 }) : send(content, { etag }))(request, response, count),
    );
    const url = `${server.url}/a.bin`;
    await assert.rejects(fetchFile(url, { ...given, retries: 0 }), /the connection (?:was cut|ended)/);
    assert.ok(existsSync(join(given.folder, "a.bin.part")));
    isContent(await fetchFile(url, given));
    assert.deepEqual(readdirSync(given.folder), ["a.bin"]);
  }
});

test("all bytes had come, but not their end: nothing is fetched twice", async () => {
  const given = options();
  await using server = await serve(send(content));
  const url = `${server.url}/a.bin`;
  await fetchFile(url, given);
  writeFileSync(join(given.folder, "b.bin.part"), content);
  writeFileSync(
    join(given.folder, "b.bin.part.json"),
    JSON.stringify({ url: `${server.url}/b.bin`, validator: '"one"' }),
  );
  isContent(await fetchFile(`${server.url}/b.bin`, { ...given, checksum: { sha256 } }));
});

test("parts that do not belong together are fetched again whole", async () => {
  const given = { ...options(), checksum: { sha256 } };
  await using server = await serve(send(content));
  const url = `${server.url}/a.bin`;
  await fetchFile(url, given);
  rmSync(join(given.folder, "a.bin"));
  writeFileSync(join(given.folder, "a.bin.part"), new Uint8Array(1000));
  writeFileSync(join(given.folder, "a.bin.part.json"), JSON.stringify({ url, validator: '"one"' }));
  isContent(await fetchFile(url, given));
});

test("bytes of a server that says nothing of their kind are never joined", async () => {
  await using server = await serve((request, response, count) =>
    send(content, { etag: "", ...(count === 1 ? { cutAt: 100_000 } : {}) })(request, response, count),
  );
  isContent(await fetchFile(`${server.url}/a.bin`, options()));
  assert.deepEqual(
    server.asked.map(({ range }) => range),
    [undefined, undefined],
  );
});

const failures: Readonly<Record<string, readonly [Answer, RegExp, number]>> = {
  "a wrong checksum": [send(content.map((byte) => byte ^ 1)), /is not the file that was expected[\s\S]*received/, 1],
  "an empty file": [send(new Uint8Array(0)), /is not the file that was expected/, 1],
  "404": [(_, response) => response.writeHead(404).end("gone"), /answers 404 Not Found/, 1],
  "500 and 503": [(_, response, count) => response.writeHead(count % 2 ? 500 : 503).end(), /answers 50[03]/, 3],
  "a server that stalls": [
    (_, response) => {
      response.writeHead(200, { "content-length": 1000 });
      response.write("some");
    },
    /sent nothing for 0\.2 seconds/,
    3,
  ],
  "a server that never answers": [() => {}, /sent nothing for 0\.2 seconds/, 3],
  "a file that always ends early": [
    send(content, { cutAt: 10, etag: "" }),
    /the connection (?:was cut|ended after)/,
    3,
  ],
  "redirections without end": [
    (request, response) => response.writeHead(302, { location: request.url ?? "" }).end(),
    /redirect count exceeded/,
    63,
  ],
};
for (const [name, [answer, reason, requests]] of Object.entries(failures)) {
  test(`${name}: said in words, with the place for the file, and nothing is kept`, async () => {
    // Only silence is waited for; a busy machine must not be taken for it.
    const waits = /never answers|stalls/.test(name) ? { timeoutMs: 200 } : {};
    const given = { ...options(), ...waits, retries: 2, checksum: { sha256 } };
    await using server = await serve(answer);
    await assert.rejects(fetchFile(`${server.url}/a.bin`, given), (error) => {
      assert.ok(error instanceof DataError, String(error));
      assert.match(error.message, reason);
      assert.ok(error.message.includes(server.url));
      if (!/expected/.test(error.message))
        assert.ok(error.message.includes(`put it at ${join(given.folder, "a.bin")}`));
      return true;
    });
    assert.equal(server.asked.length, requests);
    assert.ok(!existsSync(join(given.folder, "a.bin")) && !existsSync(join(given.folder, "a.bin.lock")));
  });
}

test("no connection at all: where to put the file is said; and once it is there, it is taken", async () => {
  const given = { ...options(), retries: 0, checksum: { sha256 } };
  const closed = await serve(() => {});
  await closed[Symbol.asyncDispose]();
  const place = join(given.folder, "a.bin");
  await assert.rejects(fetchFile(`${closed.url}/a.bin`, given), (error) => {
    assert.deepEqual((error as Error).message.split("\n"), [
      "cannot fetch a.bin: the server refuses the connection",
      `  from    ${closed.url}/a.bin`,
      `  to      ${place}`,
      `  sha256  ${sha256}`,
      `  hint    without a connection, bring the file from elsewhere and put it at ${place}; or name a mirror: CHAINRULE_MIRROR`,
    ]);
    return true;
  });
  writeFileSync(place, content);
  assert.equal(await fetchFile(`${closed.url}/a.bin`, given), place);
});

test("redirections are followed; a mirror has the files of all names; a damaged file is replaced", async () => {
  await using server = await serve((request, response, count) => {
    if (request.url === "/old") response.writeHead(301, { location: "/new/a.bin" }).end();
    else send(content)(request, response, count);
  });
  isContent(await fetchFile(`${server.url}/old`, options()));
  const given = { ...options(), mirror: `${server.url}/mirror/of/all`, checksum: { sha256 } };
  const path = await fetchFile("https://nowhere.invalid/x/digits.bin", given);
  isContent(path);
  assert.equal(server.paths.at(-1), "/mirror/of/all/digits.bin");
  process.env["CHAINRULE_MIRROR"] = `${server.url}/from/environment/`;
  try {
    writeFileSync(path, "damaged");
    isContent(await fetchFile("https://nowhere.invalid/x/digits.bin", { ...given, mirror: undefined }));
    assert.equal(server.paths.at(-1), "/from/environment/digits.bin");
  } finally {
    delete process.env["CHAINRULE_MIRROR"];
  }
});

test("several at once, in one process and in others, fetch a file once", async () => {
  const given = options();
  await using server = await serve((request, response, count) =>
    setTimeout(() => send(content)(request, response, count), 100),
  );
  const url = `${server.url}/a.bin`;
  const module = new URL("./index.js", import.meta.url).href;
  const program = `import { fetchFile } from ${JSON.stringify(module)}; console.log(await fetchFile(${JSON.stringify(url)}, ${JSON.stringify(given)}));`;
  const others = [1, 2].map(() => promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]));
  const paths = await Promise.all([fetchFile(url, given), fetchFile(url, given)]);
  const printed = await Promise.all(others);
  const place = join(given.folder, "a.bin");
  assert.deepEqual([...paths, ...printed.map(({ stdout }) => stdout.trim())], [place, place, place, place]);
  assert.equal(server.asked.length, 1);
  isContent(place);
});

test("a process that was killed holds no lock", async () => {
  const given = options();
  await using server = await serve(send(content));
  await fetchFile(`${server.url}/a.bin`, given);
  const gone = await promisify(execFile)(process.execPath, [
    "-e",
    "console.log(process.pid, require('os').hostname())",
  ]);
  const [pid, host] = gone.stdout.trim().split(" ");
  writeFileSync(join(given.folder, "b.bin.lock"), JSON.stringify({ pid: Number(pid), host }));
  isContent(await fetchFile(`${server.url}/b.bin`, given));
});

test("an archive is fetched and unpacked; a download can be called off", async () => {
  const archive = zipOf([{ name: "cats/1.txt", content: "meow" }]);
  await using server = await serve((request, response, count) => {
    if (request.url === "/pets.zip") send(archive)(request, response, count);
  });
  const folder = await fetchArchive(`${server.url}/pets.zip`, options());
  assert.equal(readFileSync(join(folder, "cats", "1.txt"), "utf8"), "meow");
  assert.equal(await fetchArchive(`${server.url}/pets.zip`, { ...options(), folder: join(folder, "..") }), folder);
  const controller = new AbortController();
  const fetching = fetchFile(`${server.url}/never`, { ...options(), signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(fetching, { name: "AbortError" });
});

test("what cannot be fetched is refused before anybody is asked", async () => {
  const wrong: readonly (readonly [string, Parameters<typeof fetchFile>[1], RegExp])[] = [
    ["file:///etc/passwd", {}, /only http and https/],
    ["no url", {}, /"no url" is no URL/],
    ["http://localhost/", {}, /cannot be the name of a file/],
    ["http://localhost/%2e%2e%2fpasswd", {}, /cannot be the name of a file/],
    ["http://localhost/a", { name: "../a" }, /cannot be the name of a file/],
    ["http://localhost/a", { checksum: { sha256: "abc" } }, /must have 64 hexadecimal digits/],
  ];
  for (const [url, given, reason] of wrong)
    await assert.rejects(
      fetchFile(url, given),
      (error) => error instanceof ArgumentError && reason.test(error.message),
    );
});

test("the progress on a terminal, and none elsewhere", () => {
  const written: string[] = [];
  let time = 0;
  const report = terminalProgress({ isTTY: true, columns: 72, write: (text) => written.push(text) }, () => time);
  for (const [at, bytes] of [
    [0, 0],
    [50, 100_000],
    [1000, 4_000_000],
    [2000, 8_000_000],
  ] as const) {
    time = at;
    report({ name: "mnist.npz", bytes, totalBytes: 8_000_000, done: at === 2000 });
  }
  assert.deepEqual(
    written.map((line) => line.replace("\r\u001b[2K", "")),
    [
      `mnist.npz  ${" ".repeat(30)}    0 %  0 B of 8.0 MB`,
      `mnist.npz  ${"━".repeat(13)}${" ".repeat(12)}   50 %  4.0 MB of 8.0 MB  4.0 MB/s`,
      `mnist.npz  ${"━".repeat(25)}  100 %  8.0 MB of 8.0 MB  4.0 MB/s\n`,
    ],
  );
  assert.equal(progressLine({ name: "a", bytes: 1500, totalBytes: undefined, done: false }, 0, 40), "a  1.5 kB");
  const none: string[] = [];
  terminalProgress({ isTTY: false, write: (text) => none.push(text) })({
    name: "a",
    bytes: 1,
    totalBytes: 1,
    done: true,
  });
  assert.deepEqual(none, []);
});
