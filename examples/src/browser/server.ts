import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Bundle } from "./bundle.ts";

export interface Digits {
  readonly images: Float32Array;
  readonly labels: Uint8Array;
}

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

const page = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>Chainrule learns digits</title>
  <h1>Chainrule learns digits</h1>
  <output>starting</output>
  <script type="module" src="/page.js"></script>
</html>
`;

/** With both, a page is cross-origin isolated: it may share memory with its workers. */
const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** Serves the page, its scripts and the digits on loopback, at a free port. */
export async function serve(
  { files }: Bundle,
  digits: Digits,
  { isolated }: { readonly isolated: boolean },
): Promise<Site> {
  const script = (name: string): [string, string | Buffer] => ["text/javascript", files.get(name) ?? ""];
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): [string, Buffer] => [
    "application/octet-stream",
    Buffer.from(buffer, byteOffset, byteLength),
  ];
  const content = new Map<string, [type: string, body: string | Buffer]>([
    ["/", ["text/html", page]],
    ["/page.js", script("page.js")],
    ["/worker.js", script("worker.js")],
    ["/images.bin", bytes(digits.images)],
    ["/labels.bin", bytes(digits.labels)],
  ]);
  const server = createServer(({ url = "/" }, response) => {
    const found = content.get(url);
    response.writeHead(found === undefined ? 404 : 200, {
      "content-type": found?.[0] ?? "text/plain",
      ...(isolated ? isolation : {}),
    });
    response.end(found?.[1] ?? "not found");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
