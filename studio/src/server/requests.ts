import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiError } from "chainrule/record";
import { Refused } from "./security.ts";

/** Of the body of a request. */
const longestBody = 4 * 2 ** 20;

/** The JSON that a request carries. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > longestBody) throw new Refused(413, "the request is too long");
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown;
  } catch {
    throw new Refused(400, "the request holds no JSON");
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(value));
}

export function sendBytes(response: ServerResponse, bytes: Uint8Array, type = "application/octet-stream"): void {
  response.writeHead(200, { "Content-Type": type, "Content-Length": bytes.length });
  response.end(bytes);
}

export function sendError(response: ServerResponse, error: unknown): void {
  const [status, told]: [number, ApiError] =
    error instanceof Refused
      ? [error.status, { error: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }]
      : [500, { error: "the server failed" }];
  if (response.headersSent) response.destroy();
  else sendJson(response, told, status);
}

/** The bytes that a Range header asks for: `bytes=FROM-` or `bytes=FROM-TO`. */
export function readRange(
  header: string | undefined,
  size: number,
): { readonly from: number; readonly to: number } | undefined {
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? "");
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === "" ? size : Math.min(size, Number(match[2]) + 1);
  if (from >= to) throw new Refused(416, "there are no such bytes");
  return { from, to };
}
