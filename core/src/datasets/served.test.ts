import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { DownloadProgress } from "../download/index.ts";
import { tarGzOf, zipOf } from "../formats/archive/samples.test.body.ts";
import { encodeNpz } from "../formats/index.ts";
import { catalogue } from "./catalogue.ts";
import { datasets } from "./index.ts";
import type { KnownOptions } from "./options.ts";

// Every known data set through its own call, from a server: files laid out as the published ones are, some of them NumPy's and
// Python's own (goldens/datasets.py); what the loaders make of them is held against Keras in datasets.test.ts.

type Entry = keyof typeof catalogue;
const { files } = JSON.parse(
  readFileSync(new URL("../../src/datasets/goldens/datasets.json", import.meta.url), "utf8"),
) as { readonly files: Readonly<Record<string, string>> }; // our own file
const golden = (name: string): Uint8Array => new Uint8Array(Buffer.from(files[name]!, "base64"));
const pixels = (count: number, from = 0): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: count }, (_, at) => (at * at + from * at) >> 3);
const idx = (shape: readonly number[], data: Uint8Array): Uint8Array => {
  const numbers = Buffer.alloc(4 + 4 * shape.length);
  numbers.writeUInt16BE(0x0800 + shape.length, 2);
  for (const [axis, size] of shape.entries()) numbers.writeUInt32BE(size, 4 + 4 * axis);
  return new Uint8Array(gzipSync(Buffer.concat([numbers, data])));
};
const batches = ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"];

interface Known {
  readonly files: Partial<Record<Entry, Uint8Array>>;
  readonly load: (options: KnownOptions) => Promise<unknown>;
}
const known: { readonly [name: string]: Known } = {
  mnist: {
    files: {
      mnist: await encodeNpz(
        new Map([
          ["x_test", { type: "u1", shape: [2, 28, 28], data: pixels(2 * 784) }],
          ["x_train", { type: "u1", shape: [5, 28, 28], data: pixels(5 * 784, 3) }],
          ["y_train", { type: "u1", shape: [5], data: Uint8Array.of(5, 0, 4, 1, 9) }],
          ["y_test", { type: "u1", shape: [2], data: Uint8Array.of(7, 2) }],
        ]),
        { compression: "deflate" },
      ),
    },
    load: (options) => datasets.mnist(options),
  },
  fashionMnist: {
    files: {
      fashionTrainImages: idx([3, 28, 28], pixels(3 * 784)),
      fashionTrainLabels: idx([3], Uint8Array.of(9, 1, 0)),
      fashionTestImages: idx([1, 28, 28], pixels(784, 3)),
      fashionTestLabels: idx([1], Uint8Array.of(2)),
    },
    load: (options) => datasets.fashionMnist(options),
  },
  cifar10: {
    files: {
      cifar10: tarGzOf([
        { name: "cifar-10-batches-py/", type: "5" },
        { name: "cifar-10-batches-py/batches.meta", content: "x" },
        ...batches.map((name) => ({ name: `cifar-10-batches-py/${name}`, content: golden("data_batch_1") })),
      ]),
    },
    load: (options) => datasets.cifar10(options),
  },
  cifar100: {
    files: {
      cifar100: tarGzOf(
        ["train", "test"].map((name) => ({ name: `cifar-100-python/${name}`, content: golden("train") })),
      ),
    },
    load: (options) => datasets.cifar100(options),
  },
  imdb: { files: { imdb: golden("imdb.npz") }, load: (options) => datasets.imdb({ ...options, numWords: 50 }) },
  reuters: { files: { reuters: golden("reuters.npz") }, load: (options) => datasets.reuters(options) },
  californiaHousing: {
    files: { californiaHousing: golden("california_housing.npz") },
    load: (options) => datasets.californiaHousing(options),
  },
  jenaClimate: {
    files: {
      jenaClimate: zipOf([
        {
          name: "jena_climate_2009_2016.csv",
          content: `"Date Time","p (mbar)","T (degC)"\r\n${"01.01.2009 00:10:00,996.52,-8.02\r\n".repeat(40)}`,
        },
      ]),
    },
    load: (options) => datasets.jenaClimate(options),
  },
  shakespeare: {
    files: { shakespeare: new TextEncoder().encode("First Citizen:\nBefore we proceed any further\n") },
    load: (options) => datasets.shakespeare(options),
  },
};

const root = mkdtempSync(join(tmpdir(), "chainrule-served-"));
after(() => rmSync(root, { recursive: true }));

/** A server of the files that breaks the first connection for each of them in its middle, and then sends what is missing. */
async function serve(served: ReadonlyMap<string, Uint8Array>) {
  const asked: { readonly path: string; readonly range: string | undefined }[] = [];
  const cuts = new Map<string, () => void>();
  const server = createServer(({ url = "", headers }, response) => {
    const path = url.slice(url.lastIndexOf("/") + 1);
    const file = served.get(path)!;
    const isFirst = !asked.some((each) => each.path === path);
    asked.push({ path, range: headers.range });
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": file.length - start,
      etag: '"one"',
      ...(start > 0 ? { "content-range": `bytes ${start}-${file.length - 1}/${file.length}` } : {}),
    });
    if (isFirst) {
      response.write(file.subarray(0, file.length >> 1));
      cuts.set(path, () => response.destroy());
    } else response.end(file.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    asked,
    /** Breaks the connection, once the half that was sent has come. */
    onProgress: ({ name, bytes }: DownloadProgress) => {
      if (bytes < served.get(name)!.length >> 1) return;
      cuts.get(name)?.();
      cuts.delete(name);
    },
    mirror: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

for (const [name, { files: own, load }] of Object.entries(known)) {
  test(`${name} is fetched, gone on with where it was cut off, checked, kept, and found again without a server`, async () => {
    const entries = Object.entries(own).map(([entry, bytes]) => ({
      entry: catalogue[entry as Entry] as { readonly name: string; checksum?: object },
      bytes,
    }));
    const sums = entries.map(({ entry }) => entry.checksum);
    const served = new Map(entries.map(({ entry, bytes }) => [entry.name, bytes]));
    try {
      for (const { entry, bytes } of entries)
        entry.checksum = { sha256: createHash("sha256").update(bytes).digest("hex") };
      const beside = mkdtempSync(join(root, `${name}-`));
      for (const [path, bytes] of served) writeFileSync(join(beside, path), bytes);
      const expected = await load({ folder: beside });

      const folder = mkdtempSync(join(root, `${name}-`));
      const told: DownloadProgress[] = [];
      await using server = await serve(served);
      const given: KnownOptions = { folder, mirror: server.mirror, retryDelayMs: 1 };
      const onProgress = (progress: DownloadProgress): void => {
        told.push(progress);
        server.onProgress(progress);
      };
      assert.deepEqual(await load({ ...given, onProgress }), expected);
      for (const [path, { length }] of served) {
        const ranges = server.asked.filter((each) => each.path === path).map(({ range }) => range);
        assert.deepEqual(ranges, [undefined, `bytes=${length >> 1}-`]);
        const last = told.findLast((progress) => progress.name === path);
        assert.deepEqual(last, { name: path, bytes: length, totalBytes: length, done: true });
      }
      const count = server.asked.length;
      assert.deepEqual(await load(given), expected);
      assert.equal(server.asked.length, count, "the files are kept");

      // What a server sends must be what was published.
      const [path, bytes] = [...served][0]!;
      served.set(
        path,
        bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
      );
      const other = mkdtempSync(join(root, `${name}-`));
      await assert.rejects(
        load({ ...given, folder: other, retries: 1 }),
        /is not the file that was expected: its sha256 sum is another one/,
      );
    } finally {
      for (const [index, { entry }] of entries.entries()) {
        const sum = sums[index];
        if (sum === undefined) delete entry.checksum;
        else entry.checksum = sum;
      }
    }
  });
}
