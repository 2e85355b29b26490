import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { compiler, workspace } from "./compiler.ts";

// As much of the language server protocol as an editor needs to open a file and ask what stands at a place.

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A place in a file: line and column, both from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** The editor's side of TypeScript's language server. */
export class LanguageServer {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #received = Buffer.alloc(0);
  #next = 1;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.stdout!.on("data", (chunk: Buffer) => this.#read(chunk)); // made with pipes
  }

  static async start(): Promise<LanguageServer> {
    const server = new LanguageServer(
      spawn(process.execPath, [compiler, "--lsp", "--stdio"], { cwd: workspace, stdio: ["pipe", "pipe", "ignore"] }),
    );
    const rootUri = pathToFileURL(workspace).href;
    await server.ask("initialize", { processId: process.pid, rootUri, capabilities: {} });
    server.tell("initialized", {});
    return server;
  }

  /** Opens a file of the workspace with the text that it has; returns its address. */
  async open(file: string): Promise<string> {
    const uri = pathToFileURL(file).href;
    const text = await readFile(file, "utf8");
    this.tell("textDocument/didOpen", { textDocument: { uri, languageId: "typescript", version: 1, text } });
    return uri;
  }

  /** Another text in place of the file's. */
  change(uri: string, version: number, text: string): void {
    this.tell("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ text }] });
  }

  /** What the editor shows of what stands at a place. */
  async hover(uri: string, position: Position): Promise<string> {
    const found = await this.ask("textDocument/hover", { textDocument: { uri }, position });
    return JSON.stringify((found as { contents?: unknown } | null)?.contents ?? null); // text, or pieces of it
  }

  async ask(method: string, params: unknown): Promise<unknown> {
    const id = this.#next++;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.#send({ id, method, params });
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  tell(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    await this.ask("shutdown", undefined);
    this.tell("exit", undefined);
    await ended;
  }

  #send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.#process.stdin!.write(`Content-Length: ${body.length}\r\n\r\n`); // made with pipes
    this.#process.stdin!.write(body);
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString("latin1", 0, end))?.[1]);
      if (this.#received.length < end + 4 + length) return;
      const message = JSON.parse(this.#received.toString("utf8", end + 4, end + 4 + length)) as Message; // the server's
      this.#received = this.#received.subarray(end + 4 + length);
      this.#take(message);
    }
  }

  #take(message: Message): void {
    if (message.id === undefined) return;
    // What the server asks of an editor (settings, progress) has no answer here.
    if (message.method !== undefined) this.#send({ id: message.id, result: null });
    else {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }
}
