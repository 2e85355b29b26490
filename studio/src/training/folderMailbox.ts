import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { readCommand } from "chainrule/record";
import type { Letter, Mailbox, Reply } from "chainrule/session";
import { writeReply } from "../server/channel.ts";
import type { RunFolder } from "../server/runFolder.ts";

const pollMs = 100;
const longestLine = 4 * 2 ** 20;

/** Letters that a server in another process left in the run's folder. */
export class FolderMailbox implements Mailbox {
  readonly #folder: () => RunFolder;
  #read = 0;
  #looked = 0;
  #path = "";
  /** The run that the last letters were for. */
  #asked: RunFolder;

  /** `folder` says where the training writes now: a branch has a folder of its own. */
  constructor(folder: () => RunFolder) {
    this.#folder = folder;
    this.#asked = folder();
  }

  take(): readonly Letter[] {
    // The clock is cheap, the disk is not.
    const now = performance.now();
    if (now - this.#looked < pollMs) return none;
    this.#looked = now;
    return this.look();
  }

  /** What has come, whenever one looked last. */
  look(): readonly Letter[] {
    this.#asked = this.#folder();
    const { letters } = this.#asked;
    if (letters !== this.#path) [this.#path, this.#read] = [letters, 0];
    try {
      // An error that is thrown each time would cost more than the rest.
      const found = statSync(letters, { throwIfNoEntry: false });
      if (found === undefined || found.size <= this.#read) return none;
      const bytes = readFileSync(letters).subarray(this.#read);
      const whole = bytes.lastIndexOf("\n") + 1;
      this.#read += whole;
      return bytes.subarray(0, whole).toString("utf8").split("\n").flatMap(readLetter);
    } catch {
      return none; // what cannot be read has nothing to say
    }
  }

  async arrival(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }

  reply(reply: Reply): void {
    const id = reply.type === "acknowledgement" ? reply.acknowledgement.id : reply.id;
    try {
      // Where it was asked: a command may have had the training go on elsewhere.
      const path = this.#asked.reply(id);
      writeFileSync(`${path}.draft`, writeReply(reply));
      renameSync(`${path}.draft`, path);
    } catch {
      // Whoever asked hears nothing; the log has it.
    }
  }
}

const none: readonly Letter[] = [];
const isId = (id: unknown): id is string => typeof id === "string" && /^[A-Za-z0-9-]{1,64}$/.test(id);

/** The letter of a line; nothing where it is none. */
function readLetter(line: string): Letter[] {
  if (line === "" || line.length > longestLine) return [];
  try {
    const letter = JSON.parse(line) as Partial<Letter>;
    if (letter.type === "order") {
      const command = readCommand(letter.order?.command);
      if (command === undefined || !isId(letter.order?.id)) return [];
      return [{ type: "order", order: { id: letter.order.id, from: "page", time: Date.now(), command } }];
    }
    if ((letter.type !== "predict" && letter.type !== "request") || !isId(letter.id)) return [];
    return typeof letter.request === "object" && letter.request !== null ? [letter as Letter] : []; // the session looks at the rest
  } catch {
    return [];
  }
}
