import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type RecordingOptions, record, type Session } from "chainrule/session";
import { freeId, RunFolder } from "../server/runFolder.ts";
import { FolderMailbox } from "./folderMailbox.ts";
import { placeIn } from "./place.ts";
import { startServerThread } from "./serverThread.ts";
import { mailboxes, ThreadMailbox } from "./threadMailbox.ts";

export interface StudioRecordingOptions extends Omit<RecordingOptions, "place" | "mailbox" | "branch"> {
  /** Folder of runs. Default "runs". */
  readonly folder?: string | undefined;
  readonly port?: number | undefined;
  /** Starts a server for this training. Default true; another process may serve the folder as well. */
  readonly serve?: boolean | undefined;
  /** Told the link. Default: printed. */
  readonly onLink?: ((link: string) => void) | undefined;
}

/** A recording into a folder of runs, with a server that shows it and lets it be steered: what `fit({ studio: true })` uses. */
export const studioRecording = async (options: StudioRecordingOptions = {}): Promise<Session> =>
  record(await studioOptions(options));

/** The same, for who makes the recording: where the run is written, and where its commands come from. */
export async function studioOptions(options: StudioRecordingOptions = {}): Promise<RecordingOptions> {
  const { folder = "runs", port, serve = true, onLink = printLink, ...rest } = options;
  const runs = resolve(folder);
  mkdirSync(runs, { recursive: true });
  let present = newRun(runs, options.name ?? "run");
  const fromThread = serve ? new ThreadMailbox() : undefined;
  const mailbox = mailboxes([...(fromThread === undefined ? [] : [fromThread]), new FolderMailbox(() => present)]);
  const recording: RecordingOptions = {
    ...rest,
    mailbox,
    place: placeIn(present),
    branch: () => {
      present = newRun(runs, options.name ?? "run");
      return placeIn(present);
    },
  };
  if (fromThread !== undefined) {
    try {
      const { link } = await startServerThread({ runs, port, address: fromThread.address });
      onLink(link);
    } catch (error) {
      console.warn(`${error instanceof Error ? error.message : String(error)}; training goes on`);
    }
  }
  return recording;
}

const newRun = (runs: string, name: string): RunFolder => RunFolder.of(runs, freeId(runs, name))!; // freeId gives a good name
const printLink = (link: string): void => console.log(`Studio: ${link}`);
