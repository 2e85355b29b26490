import { Turn } from "../base/turn.ts";
import { selection } from "../device/select.ts";
import {
  currentTrace,
  holderOf,
  isLeaf,
  prepare,
  readStorage,
  readStorageSync,
  readWhileTracing,
  realize,
  resolve,
} from "../engine/index.ts";
import type { Node } from "../graph/node.ts";
import type { Source } from "./tensor.ts";

/** Nodes whose values were asked for in this turn of the event loop; they are computed together at its end. */
let asked: { readonly node: Node; readonly resolve: (bytes: Promise<Uint8Array>) => void }[] = [];

/** The bytes of a tensor's value. What is asked for in one turn is compiled and run as one program. Throws at once in a trace. */
export function readBytes(source: Source): Promise<Uint8Array> {
  if (currentTrace() !== undefined) throw readWhileTracing("op" in source ? source : source.read());
  if (!("op" in source)) return source.bytes();
  const node = resolve(source);
  if (isLeaf(node)) return readLeaf(node);
  return new Promise((resolve) => {
    if (asked.length === 0) queueMicrotask(answer);
    asked.push({ node, resolve });
  });
}

/**
 * The bytes of a tensor's value, computed while the calling thread waits. `what` names the method for messages. Throws in a
 * trace, and where the device cannot be waited for.
 */
export function readBytesSync(source: Source, what: string): Uint8Array {
  if (currentTrace() !== undefined) throw readWhileTracing("op" in source ? source : source.read());
  if (!("op" in source)) return source.bytesSync(what);
  const [storage] = prepare([holderOf(realize([source])[0]!)], selection());
  return readStorageSync(storage!, what);
}

function answer(): void {
  const requests = asked;
  asked = [];
  try {
    realize(requests.map(({ node }) => node));
  } catch {
    // One of them cannot be computed: it fails alone, below.
  }
  for (const { node, resolve: settle } of requests) settle(readAlone(node));
}

// Async, so that an error rejects the promise of the tensor that caused it.
const readAlone = async (node: Node): Promise<Uint8Array> => readLeaf(realize([node])[0]!);

/** Short programs are done before their results are awaited: a loop of them would never let the event loop go on. */
const turn = new Turn();

async function readLeaf(node: Node): Promise<Uint8Array> {
  const [storage] = prepare([holderOf(node)], selection());
  const bytes = await readStorage(storage!);
  if (turn.due) await turn.pass();
  return bytes;
}
