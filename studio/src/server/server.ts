import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { handleApi } from "./api.ts";
import { type Channel, channels, folderChannel } from "./channel.ts";
import { loadPage, type PageFile } from "./pages.ts";
import { sendError } from "./requests.ts";
import { RunFolder } from "./runFolder.ts";
import { demandHost, demandSession, newToken, openSession, protect, Refused, sameText } from "./security.ts";
import { Shelf } from "./shelf.ts";

export interface ServerOptions {
  /** Folder of runs. */
  readonly runs: string;
  /** Default: any that is free. */
  readonly port?: number | undefined;
  /** Default "127.0.0.1". Another one needs `allowControl` for commands to be obeyed. */
  readonly host?: string | undefined;
  readonly allowControl?: boolean | undefined;
  /** A way to a training in this process. */
  readonly channel?: Channel | undefined;
  /** Folder of the built page. */
  readonly page?: string | undefined;
  /** Default: a new one. */
  readonly token?: string | undefined;
}

export interface StudioServer {
  /** The link that opens the studio: it carries the secret. */
  readonly link: string;
  readonly port: number;
  readonly readOnly: boolean;
  close(): Promise<void>;
}

/** What requests are answered with. */
export interface Studio {
  readonly runs: string;
  readonly readOnly: boolean;
  readonly channel: Channel;
  /** What is known of the logs. */
  readonly shelf: Shelf;
}

const loopback = ["127.0.0.1", "localhost", "[::1]"];
const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127\./.test(host);

/** Starts the studio's server. It listens on this machine only, unless told otherwise. */
export async function startServer(options: ServerOptions): Promise<StudioServer> {
  const { runs, port = 0, host = "127.0.0.1", allowControl = isLoopback(host), token = newToken() } = options;
  const page = loadPage(options.page);
  const studio: Studio = {
    runs,
    readOnly: !allowControl,
    channel: channels([
      ...(options.channel === undefined ? [] : [options.channel]),
      folderChannel((run) => RunFolder.of(runs, run)),
    ]),
    shelf: new Shelf(),
  };
  const allowed = new Set<string>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    protect(response);
    handle(request, response, { studio, page, token, allowed }).catch((error: unknown) => sendError(response, error));
  };
  const first = await listen(createServer(answer), port, host);
  const bound = (first.address() as AddressInfo).port; // a TCP server has one
  const servers = [first];
  // Browsers may take "localhost" for either address.
  if (host === "127.0.0.1")
    await listen(createServer(answer), bound, "::1").then(
      (server) => servers.push(server),
      () => {},
    );
  for (const name of [...loopback, host]) allowed.add(`${name}:${bound}`);
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    link: `http://${shown}:${bound}/?token=${token}`,
    port: bound,
    readOnly: studio.readOnly,
    close: async () => {
      await Promise.all(servers.map(closed));
    },
  };
}

const listen = (server: Server, port: number, host: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

interface Context {
  readonly studio: Studio;
  readonly page: ReadonlyMap<string, PageFile>;
  readonly token: string;
  readonly allowed: ReadonlySet<string>;
}

async function handle(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  demandHost(request, context.allowed);
  const url = urlOf(request);
  const given = url.searchParams.get("token");
  if (url.pathname === "/" && given !== null) {
    if (!sameText(given, context.token)) throw new Refused(403, "the link is not that of this studio");
    openSession(response, context.token);
    // The secret leaves the address bar, and with it the history.
    response.writeHead(303, { Location: "/" }).end();
    return;
  }
  demandSession(request, context.token);
  if (url.pathname.startsWith("/api/")) return handleApi(request, response, url, context.studio);
  if (request.method !== "GET" && request.method !== "HEAD") throw new Refused(405, "pages are read only");
  const file = context.page.get(url.pathname);
  if (file === undefined) throw new Refused(404, "there is no such page");
  sendFile(request, response, file);
}

function urlOf({ url = "/" }: IncomingMessage): URL {
  try {
    return new URL(url, "http://studio");
  } catch {
    throw new Refused(400, "the request has no address"); // "//", say
  }
}

function sendFile(request: IncomingMessage, response: ServerResponse, { type, bytes, gzip }: PageFile): void {
  const packed = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const body = packed ? gzip : bytes;
  const encoding = packed ? { "Content-Encoding": "gzip" } : {};
  response.writeHead(200, {
    "Content-Type": type,
    "Content-Length": body.length,
    Vary: "Accept-Encoding",
    ...encoding,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
