import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { readLog } from "chainrule/record";
import { exportCsv, exportJson, exportTensorBoard } from "chainrule/session";
import { sendBytes } from "./requests.ts";
import type { RunFolder } from "./runFolder.ts";
import { Refused } from "./security.ts";

const text = new TextEncoder();

/** A run in another form. */
const formats = {
  csv: {
    type: "text/csv; charset=utf-8",
    name: "csv",
    make: (log: Uint8Array) => text.encode(exportCsv(readLog(log).entries)),
  },
  json: {
    type: "application/json",
    name: "json",
    make: (log: Uint8Array) => text.encode(exportJson(readLog(log).entries)),
  },
  tfevents: {
    type: "application/octet-stream",
    name: "tfevents",
    make: (log: Uint8Array) => exportTensorBoard(readLog(log).entries),
  },
} as const;

export function exportRun(response: ServerResponse, folder: RunFolder, format: string): void {
  if (!Object.hasOwn(formats, format)) throw new Refused(404, `there is no export "${format}"`);
  const { type, name, make } = formats[format as keyof typeof formats];
  const file = name === "tfevents" ? `events.out.tfevents.${folder.id}` : `${folder.id}.${name}`;
  response.setHeader("Content-Disposition", `attachment; filename="${file}"`);
  sendBytes(response, make(readFileSync(folder.log)), type);
}
