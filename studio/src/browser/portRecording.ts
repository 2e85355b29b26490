import { portSink } from "chainrule/observe";
import {
  type Letter,
  LetterQueue,
  type Mailbox,
  type RecordingOptions,
  type Reply,
  record,
  type Session,
} from "chainrule/session";

/** What a training in a worker tells a page, through a port: bytes of its log as they are made, and replies to letters. */
export type FromTraining =
  | { readonly type: "bytes"; readonly run: string; readonly bytes: Uint8Array }
  /** The training is over: nobody answers any more. */
  | { readonly type: "closed" }
  | Reply;

/** One end of a channel of messages, as browsers and Node have it. */
export interface Port {
  postMessage(message: FromTraining, transfer: ArrayBufferLike[]): void;
  onmessage: ((event: { readonly data: Letter }) => void) | null;
}

export interface PortRecordingOptions extends Omit<RecordingOptions, "place" | "mailbox" | "branch"> {}

/**
 * A recording that is told through a port as it is made, and steered by the letters that come back: for a training in a worker
 * of a browser, whose page is the studio. The other end of the channel goes to the studio's page.
 */
export function portRecording(port: Port, options: PortRecordingOptions = {}): Session {
  const name = options.name ?? "run";
  const place = (id: string) => ({
    id,
    // A copy of its own: what is sent is a whole buffer, of which the bytes may be a small part.
    sink: portSink((bytes) => {
      const own = bytes.slice();
      port.postMessage({ type: "bytes", run: id, bytes: own }, [own.buffer]);
    }),
  });
  let branches = 1;
  return record({
    ...options,
    mailbox: new PortMailbox(port),
    place: place(name),
    branch: () => place(`${name}-${++branches}`),
  });
}

/** Letters from a page. They are there when the training gives the thread up, which it does each few milliseconds. */
class PortMailbox extends LetterQueue implements Mailbox {
  readonly #port: Port;

  constructor(port: Port) {
    super();
    this.#port = port;
    port.onmessage = ({ data }) => this.add(data);
  }

  reply(reply: Reply): void {
    this.#port.postMessage(reply, []);
  }
  close(): void {
    this.#port.postMessage({ type: "closed" }, []);
    this.#port.onmessage = null;
  }
}
