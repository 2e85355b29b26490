import { client, digest } from "../state.ts";

// One HTML file that holds the page and a run: it opens without a server, from a mail or a memory stick, years later.

/** The files of the page that an export needs; the bundle's script writes their list. */
const list = "files.json";

/** What puts the files together when the export is opened: modules and workers have addresses of their own. */
function start(files: Readonly<Record<string, string>>, name: string): void {
  const urls: Record<string, string> = {};
  const url = (name: string): string => {
    urls[name] ??= URL.createObjectURL(
      new Blob(
        // Modules name each other by relative paths, which mean nothing to a blob.
        [(files[name] ?? "").replace(/"\.\/([\w.-]+\.js)"/g, (_, other: string) => JSON.stringify(url(other)))],
        { type: "text/javascript" },
      ),
    );
    return urls[name];
  };
  const log = document.getElementById("run-log")?.textContent ?? "";
  Object.assign(globalThis, { chainruleExport: { name, log, url } });
  void import(url("page.js"));
}

/** The text of the file. */
export async function exportPage(run: string): Promise<string> {
  const names = (await (await fetch(list)).json()) as readonly string[]; // the bundle's own
  const texts = await Promise.all(names.map(async (name) => [name, await (await fetch(name)).text()] as const));
  const files = Object.fromEntries(texts.filter(([name]) => name.endsWith(".js")));
  // "page.css" comes before "screens.css", which adds to it.
  const style = texts
    .filter(([name]) => name.endsWith(".css"))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([, text]) => text)
    .join("\n");
  const log = base64(await client.ask("log", { run }));
  const name = digest.value?.description?.name ?? run;
  const policy =
    "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src blob: data:; worker-src blob:; connect-src blob:";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(name)} · Chainrule studio</title>
<style>${style}</style>
</head>
<body>
<div id="studio"></div>
<script type="text/plain" id="run-log">${log}</script>
<script>(${start.toString()})(${safeJson(files)}, ${safeJson(run)})</script>
</body>
</html>
`;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** JSON that cannot end the script that it stands in. */
const safeJson = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  const length = 0x8000;
  for (let at = 0; at < bytes.length; at += length)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + length)));
  return btoa(pieces.join(""));
}
