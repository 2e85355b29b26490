import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
  ".map": "application/json",
};

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzip: Buffer;
}

/** Where the prebuilt page stands. */
const builtPage = fileURLToPath(new URL("../page", import.meta.url));

/** The files of the page, by the path under which they are asked for. Nothing else is ever served. */
export function loadPage(folder = builtPage): ReadonlyMap<string, PageFile> {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return new Map([["/", page(Buffer.from(missing), ".html")]]);
  }
  const files = names
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => extname(name) in types)
    .map((name) => [`/${name}`, page(readFileSync(join(folder, name)), extname(name))] as const);
  const all = new Map(files);
  const index = all.get("/index.html");
  if (index !== undefined) all.set("/", index);
  return all;
}

const page = (bytes: Buffer, extension: string): PageFile => ({
  type: types[extension] ?? "application/octet-stream",
  bytes,
  gzip: gzipSync(bytes),
});

const missing = `<!doctype html><html lang="en"><title>Chainrule studio</title>
<p>The page of the studio is not built: run <code>npm run build</code> in the folder studio.</p></html>
`;
