import {
  type ApiError,
  type Command,
  type ControlAnswer,
  type OnDemandRequest,
  type PredictAnswer,
  type PredictRequest,
  type RunListing,
  TailDecoder,
} from "chainrule/record";
import type { RunSource, TailRequest } from "./source.ts";

/** Runs of a studio server. What it answers is our own server's word, so that types are taken for granted. */
export class HttpSource implements RunSource {
  readonly live = true;
  readonly #base: string;

  /** `base` ends in a slash. */
  constructor(base: string) {
    this.#base = `${base}api/`;
  }

  async list(): Promise<readonly RunListing[]> {
    return (await (await this.#fetch("runs")).json()) as RunListing[];
  }

  async tail(
    requests: readonly TailRequest[],
    onBytes: (run: string, bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const query = requests.map(({ run, from }) => `run=${encodeURIComponent(run)}:${from}`).join("&");
    const { body } = await this.#fetch(`tail?${query}`, { signal });
    if (body === null) return;
    const decoder = new TailDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const { run, bytes } of decoder.push(value)) {
        const request = requests[run];
        if (request !== undefined) onBytes(request.run, bytes);
      }
    }
  }

  async read(run: string, offset = 0, length?: number): Promise<Uint8Array> {
    const range = `bytes=${offset}-${length === undefined ? "" : offset + length - 1}`;
    return this.#bytes(`runs/${encodeURIComponent(run)}/log`, { headers: { range } });
  }

  blob(run: string, sha256: string): Promise<Uint8Array> {
    return this.#bytes(`runs/${encodeURIComponent(run)}/blob/${encodeURIComponent(sha256)}`);
  }

  async send(run: string, command: Command): Promise<ControlAnswer> {
    return (await (await this.#post(run, "control", { command })).json()) as ControlAnswer;
  }

  async predict(run: string, request: PredictRequest): Promise<PredictAnswer> {
    return (await (await this.#post(run, "predict", request)).json()) as PredictAnswer;
  }

  async request(run: string, request: OnDemandRequest): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#post(run, "request", request)).arrayBuffer());
  }

  async #bytes(path: string, options?: RequestInit): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#fetch(path, options)).arrayBuffer());
  }

  #post(run: string, route: string, body: unknown): Promise<Response> {
    return this.#fetch(`runs/${encodeURIComponent(run)}/${route}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async #fetch(path: string, options: RequestInit = {}): Promise<Response> {
    const response = await fetch(this.#base + path, options);
    if (response.ok) return response;
    const told = response.headers.get("content-type")?.includes("json")
      ? ((await response.json()) as ApiError)
      : undefined;
    const words = told === undefined ? response.statusText : [told.error, told.hint].filter(Boolean).join("; ");
    throw new Error(`${words} (${response.status})`);
  }
}
