import { DataError } from "../base/errors.ts";
import { longestPayload } from "./frame.ts";

// The stream of `/api/tail`: bytes of several logs in pieces, each with the place of its run in the request:
//   u32 run · u32 length · bytes
// A piece is whole frames (and the log's header, where it begins at 0). One of length 0 says that the connection is alive.

const headBytes = 8;

export function encodePiece(run: number, bytes: Uint8Array): Uint8Array {
  const piece = new Uint8Array(headBytes + bytes.length);
  const view = new DataView(piece.buffer);
  view.setUint32(0, run, true);
  view.setUint32(4, bytes.length, true);
  piece.set(bytes, headBytes);
  return piece;
}

/** Takes the stream apart, in whatever pieces it arrives. */
export class TailDecoder {
  #rest: Uint8Array = new Uint8Array(0);

  /** Bytes of logs, and the run each belongs to: its place in the request. */
  push(bytes: Uint8Array): { readonly run: number; readonly bytes: Uint8Array }[] {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const view = new DataView(all.buffer);
    const pieces: { run: number; bytes: Uint8Array }[] = [];
    let at = 0;
    while (all.length - at >= headBytes) {
      const [run, length] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      if (length > 2 * longestPayload) throw new DataError("the stream of the studio is damaged");
      if (all.length - at < headBytes + length) break;
      at += headBytes;
      if (length > 0) pieces.push({ run, bytes: all.slice(at, at + length) });
      at += length;
    }
    this.#rest = all.slice(at);
    return pieces;
  }
}
