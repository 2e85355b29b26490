import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

// Who may speak to the studio. A page of anybody else can make a browser send requests to this machine, and a name of theirs can be
// made to mean this machine (DNS rebinding), so neither the address nor the absence of CORS is a protection: the Host header is
// checked, and all data need a secret that only the link carries. (Jackson et al., "Protecting Browsers from DNS Rebinding", 2007.)

export const cookieName = "chainrule-studio";

/** A new secret: 256 bits. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** Sent with every answer. No CORS header is among them: other origins read nothing. */
const headers = {
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
} as const;

export function protect(response: ServerResponse): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** Why a request is refused, and with which status. */
export class Refused extends Error {
  readonly status: number;
  readonly hint: string | undefined;
  constructor(status: number, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** Refuses requests under a name that is not ours. */
export function demandHost({ headers: { host } }: IncomingMessage, allowed: ReadonlySet<string>): void {
  if (host !== undefined && allowed.has(host.toLowerCase())) return;
  throw new Refused(403, "this server does not answer under that name", "open the link that was printed");
}

/** Whether the request carries the secret, in its cookie. */
export function demandSession({ headers: { cookie = "" } }: IncomingMessage, token: string): void {
  const found = cookie
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${cookieName}=`))
    .some((part) => sameText(part.slice(cookieName.length + 1), token));
  if (!found) throw new Refused(401, "there is no session", "open the link that was printed when the studio started");
}

/** Changes come only from the page itself. */
export function demandOwnPage({ headers }: IncomingMessage): void {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Refused(415, "requests that change something are JSON");
  if (origin !== `http://${host}`) throw new Refused(403, "the request comes from another page");
  if (site !== undefined && site !== "same-origin") throw new Refused(403, "the request comes from another page");
}

/** Sets the cookie, in the answer to the link. */
export function openSession(response: ServerResponse, token: string): void {
  response.setHeader("Set-Cookie", `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`);
}

/** Compares without telling by its time where texts differ. */
export function sameText(a: string, b: string): boolean {
  const [first, second] = [Buffer.from(a), Buffer.from(b)];
  return first.length === second.length && timingSafeEqual(first, second);
}
