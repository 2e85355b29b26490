import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { imageDatasetFromDirectory } from "chainrule";
import { encodeZip } from "chainrule/formats";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import sharp from "sharp";
import type { DataPage } from "./browser/dataPage.ts";
import { oneFile } from "./browser/loaded.ts";

// Downloads and pictures in a page of Chromium: what Node does with files, pages do with the browser's own cache and decoders.

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const csv = '"Date Time","T (degC)"\r\n01.01.2009 00:10:00,-8.02\r\n01.01.2009 00:20:00,-8.41\r\n';
const climate = encodeZip(new Map([["jena_climate_2009_2016.csv", new TextEncoder().encode(csv)]]));
const expected = JSON.stringify([["T (degC)"], [-8.02, -8.41].map(Math.fround)]);

/** What was asked for: the path, and the range. */
let asked: string[] = [];
/** How the server behaves. */
let cutsOnce = false;
let isGone = false;
let knowsRanges = true;

function answer(request: IncomingMessage, response: ServerResponse, script: Uint8Array): void {
  const { url = "/" } = request;
  if (url === "/")
    return void response.setHeader("content-type", "text/html").end('<script type="module" src="/page.js"></script>');
  if (url === "/page.js") return void response.setHeader("content-type", "text/javascript").end(script);
  if (url === "/favicon.ico") return void response.writeHead(404).end();
  const { range } = request.headers;
  asked.push(`${url} ${range ?? "whole"}`);
  const body = url.endsWith(".zip")
    ? climate
    : url.endsWith("shakespeare.txt")
      ? Buffer.from("First Citizen")
      : undefined;
  if (body === undefined || isGone) return void response.writeHead(404).end();
  const start = knowsRanges && range !== undefined ? Number(/^bytes=(\d+)-$/.exec(range)![1]) : 0; // as we ask
  response.setHeader("etag", '"one"').setHeader("content-length", body.length - start);
  if (start > 0) response.writeHead(206, { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` });
  if (!cutsOnce) return void response.end(body.subarray(start));
  cutsOnce = false;
  response.write(body.subarray(0, 100));
  // The browser has these bytes before the connection ends.
  setTimeout(() => response.destroy(), 200);
}

let browser: Browser;
let close = (): void => {};
let address = "";
before(async () => {
  assert.ok(
    existsSync(executablePath),
    `the browser tests need Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM`,
  );
  const script = await oneFile("dataPage");
  const server = createServer((request, response) => answer(request, response, script));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server that listens has one
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  // Root has no sandbox here.
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
});
after(async () => {
  await browser?.close();
  close();
});

async function opened(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction("globalThis.page !== undefined");
  return page;
}

/** Calls a function of dataPage.ts, in a new profile unless one is given. */
async function inPage<R>(work: (page: Page) => Promise<R>, given?: BrowserContext): Promise<R> {
  const context = given ?? (await browser.newContext());
  asked = [];
  try {
    return await work(await opened(context));
  } finally {
    if (given === undefined) await context.close();
  }
}

type Host = { readonly page: DataPage };
const fetchClimate = (page: Page): Promise<string> =>
  page.evaluate((mirror) => (globalThis as unknown as Host).page.climate(mirror), `${address}/mirror`);
const zip = "/mirror/jena_climate_2009_2016.csv.zip";

test("a page goes on where a connection was cut, keeps the file, and does not ask again, in other pages neither", async () => {
  const context = await browser.newContext();
  cutsOnce = true;
  assert.equal(await inPage(fetchClimate, context), expected);
  assert.deepEqual(asked, [`${zip} whole`, `${zip} bytes=100-`]);
  assert.equal(await inPage(fetchClimate, context), expected);
  assert.deepEqual(asked, []);
  await context.close();
});

test("a server without ranges is asked for the whole file again", async () => {
  cutsOnce = true;
  knowsRanges = false;
  assert.equal(await inPage(fetchClimate), expected);
  assert.deepEqual(asked, [`${zip} whole`, `${zip} bytes=100-`]);
  knowsRanges = true;
});

test("another file than the published one is refused, and not kept; one that is not there is said to be missing", async () => {
  await inPage(async (page) => {
    const fetched = (): Promise<string> =>
      page.evaluate((mirror) => (globalThis as unknown as Host).page.shakespeare(mirror), `${address}/mirror/`);
    for (let again = 0; again < 2; again++)
      assert.match(
        await fetched(),
        /^shakespeare\.txt is not the file that was expected: its sha256 sum is another one\n/,
      );
    assert.equal(asked.length, 2, "nothing was kept");
    isGone = true;
    assert.match(
      await fetched(),
      /^cannot fetch shakespeare\.txt: the server answers 404 Not Found[\s\S]*A mirror can be named/,
    );
    isGone = false;
  });
});

/** 6×4 pixels of many colors. */
const raw = Uint8Array.from({ length: 6 * 4 * 3 }, (_, at) => (at * 37) & 255);
const picture = () => sharp(raw, { raw: { width: 6, height: 4, channels: 3 } });
const kinds: Readonly<Record<string, { readonly make: () => Promise<Uint8Array>; readonly off: number }>> = {
  "a.png": { make: () => picture().png().toBuffer(), off: 0 },
  "a.webp": { make: () => picture().webp({ lossless: true }).toBuffer(), off: 0 },
  // Decoders of JPEG round differently.
  "a.jpg": { make: () => picture().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(), off: 3 },
  "turned.jpg": {
    make: () =>
      picture().withMetadata({ orientation: 6 }).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(),
    off: 3,
  },
  "grey.png": { make: () => picture().grayscale().png().toBuffer(), off: 0 },
};

for (const [name, { make, off }] of Object.entries(kinds)) {
  for (const size of [
    [4, 6],
    [3, 5],
  ] as const) {
    test(`a page decodes ${name} to ${size.join("×")} pixels as Node does`, async () => {
      const bytes = new Uint8Array(await make());
      const node = await imageDatasetFromDirectory([new File([bytes], name)], {
        labels: null,
        imageSize: size,
        antialias: false,
      });
      const [first] = await node.toArray();
      const x = first!.x; // there is one batch
      const found = await inPage((page) =>
        page.evaluate(([name, bytes, size]) => (globalThis as unknown as Host).page.decode(name, bytes, size), [
          name,
          [...bytes],
          size,
        ] as const),
      );
      if (typeof found === "string") throw new Error(found);
      assert.deepEqual(found.shape, x.shape);
      found.pixels.forEach((value, at) => {
        assert.ok(Math.abs(value - x.data[at]!) <= off + 1e-3, `pixel ${at}: ${value} is not ${x.data[at]}`);
      });
    });
  }
}

test("what is no picture is refused in a page, with its name", async () => {
  const found = await inPage((page) =>
    page.evaluate(() => (globalThis as unknown as Host).page.decode("broken.png", [1, 2, 3], [4, 4])),
  );
  assert.match(String(found), /cannot read broken\.png/);
});
