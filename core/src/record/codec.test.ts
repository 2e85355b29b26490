import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError } from "../base/errors.ts";
import { frameChecksum } from "./frame.ts";
import {
  decodeFrames,
  type Entry,
  encodeFrame,
  encodePiece,
  floatsSlice,
  frameBytes,
  headerBytes,
  LogReader,
  LogWriter,
  readLog,
  sliceValues,
  TailDecoder,
  wholeBytes,
} from "./index.ts";
import { entries } from "./samples.test.data.ts";

/** The bytes of a log of these entries. */
function logOf(content: readonly Entry[]): Uint8Array {
  const parts: number[] = [];
  const writer = new LogWriter({ write: (bytes) => parts.push(...bytes) }, { created: 1_700_000_000_000 });
  for (const entry of content) writer.writeEntry(entry);
  assert.equal(writer.offset, parts.length);
  return Uint8Array.from(parts);
}
const withoutOffset = ({ offset: _, ...entry }: Entry & { readonly offset: number }): unknown => entry;
const log = logOf(entries);

test("every kind of entry comes back as it was written", () => {
  const { entries: read, reader } = readLog(log);
  assert.deepEqual(read.map(withoutOffset), entries);
  assert.equal(reader.created, 1_700_000_000_000);
  assert.deepEqual([reader.damage, reader.unreadable, reader.offset], [undefined, [], log.length]);
});

test("a log is read the same in pieces of any size", () => {
  for (const size of [1, 7, 16, 33, 4096]) {
    const reader = new LogReader();
    const read: unknown[] = [];
    for (let at = 0; at < log.length; at += size)
      read.push(...reader.push(log.subarray(at, at + size)).map(withoutOffset));
    assert.deepEqual(read, entries, `pieces of ${size}`);
  }
});

test("reading goes on at the offset of any frame", () => {
  const { frames } = decodeFrames(log);
  for (const [index, { offset }] of frames.entries()) {
    const rest = new LogReader(offset).push(log.subarray(offset));
    assert.deepEqual(rest.map(withoutOffset), entries.slice(index));
  }
});

test("frames begin at multiples of eight bytes", () => {
  for (const { offset } of decodeFrames(log).frames) assert.equal(offset % 8, 0);
});

test("a torn last frame waits, and what stands before is whole", () => {
  const { frames, end } = decodeFrames(log);
  assert.equal(end, log.length);
  const last = frames.at(-1)!;
  for (let cut = last.offset; cut < log.length; cut++) {
    const torn = decodeFrames(log.subarray(0, cut));
    assert.deepEqual([torn.frames.length, torn.end, torn.damage], [frames.length - 1, last.offset, undefined]);
    assert.equal(wholeBytes(log.subarray(0, cut), 0), last.offset);
  }
});

test("a damaged frame ends the reading and is told; frames before it are read", () => {
  const { frames } = decodeFrames(log);
  const { offset } = frames[2]!;
  const bad = log.slice();
  bad[offset + 17]! ^= 1;
  const read = decodeFrames(bad);
  assert.equal(read.frames.length, 2);
  assert.deepEqual(read.damage, { offset, what: "a frame does not have its checksum" });
});

test("a length that no frame has is refused at once, not waited for", () => {
  const { offset } = decodeFrames(log).frames[1]!;
  const bad = log.slice(0, offset + 16);
  new DataView(bad.buffer).setUint32(offset, 0xffffff00, true);
  assert.match(decodeFrames(bad).damage!.what, /4294967040 bytes long/);
});

test("what is no log is refused in words", () => {
  assert.throws(() => readLog(new TextEncoder().encode("{}")), { name: "DataError", message: /no run log/ });
  assert.throws(() => readLog(log.subarray(0, 9)), { name: "DataError", message: /ends inside of its header/ });
  const later = log.slice();
  later[4] = 9;
  assert.throws(() => readLog(later), /version 9/);
});

test("kinds of later versions are passed over", () => {
  const [first, second] = entries;
  const odd = encodeFrame({ kind: "event", flags: 0, stream: 0, step: 1, payload: new Uint8Array(3) });
  // The kind is part of what the checksum covers, so it is made anew.
  const unknown = withKind(odd, 99);
  const parts = [logOf([first!]), unknown, logOf([second!]).subarray(headerBytes)];
  const { entries: read, reader } = readLog(Uint8Array.from(parts.flatMap((part) => [...part])));
  assert.deepEqual(read.map(withoutOffset), [first, second]);
  assert.equal(reader.damage, undefined);
});

function withKind(frame: Uint8Array, kind: number): Uint8Array {
  const copy = frame.slice();
  copy[4] = kind;
  new DataView(copy.buffer).setUint32(12, frameChecksum(copy, 3), true);
  return copy;
}

test("numbers that JSON has no word for survive in events", () => {
  const event = { type: "epoch", time: 1, epoch: 0, ms: 2, logs: { loss: Number.NaN, a: -1 / 0, b: 1 / 0 } } as const;
  const { entries: read } = readLog(logOf([{ kind: "event", step: 3, stream: 0, onDemand: false, content: event }]));
  assert.deepEqual(read[0]!.content, event);
});

test("a frame that holds nonsense is left out and told, and the next one is read", () => {
  const nonsense = encodeFrame({ kind: "event", flags: 0, stream: 0, step: 1, payload: Uint8Array.of(0xff, 0xfe) });
  const head = logOf([]);
  const whole = Uint8Array.from([...head, ...nonsense, ...logOf([entries[1]!]).subarray(headerBytes)]);
  const { entries: read, reader } = readLog(whole);
  assert.deepEqual(read.map(withoutOffset), [entries[1]]);
  assert.deepEqual(reader.unreadable, [{ offset: headerBytes, what: "a frame of the run log holds no JSON" }]);
});

test("an index stands after each MiB and leads to the one before", () => {
  const values = new Float32Array(1000);
  const block = { series: Uint32Array.of(1), steps: new Uint32Array(1000), times: new Float64Array(1000), values };
  const entry: Entry = { kind: "scalars", step: 9, stream: 0, onDemand: false, content: block };
  const { frames } = decodeFrames(logOf(Array.from({ length: 200 }, () => entry)));
  const { entries: read } = readLog(logOf(Array.from({ length: 200 }, () => entry)));
  const indexes = read.filter(({ kind }) => kind === "index");
  assert.equal(indexes.length, 2);
  const [first, second] = indexes;
  assert.ok(first?.kind === "index" && second?.kind === "index");
  assert.equal(second.content.previous, first.offset);
  assert.equal(first.content.frames["scalars"], Math.ceil(2 ** 20 / frameBytes(frames[0]!.payload.length)));
});

test("the stream of several logs comes apart in pieces of any size", () => {
  const pieces = [encodePiece(0, log), encodePiece(1, new Uint8Array(0)), encodePiece(1, log.subarray(0, 40))];
  const stream = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
  for (const size of [1, 11, 5000]) {
    const decoder = new TailDecoder();
    const read = [];
    for (let at = 0; at < stream.length; at += size) read.push(...decoder.push(stream.subarray(at, at + size)));
    assert.deepEqual(read, [
      { run: 0, bytes: log },
      { run: 1, bytes: log.slice(0, 40) },
    ]);
  }
});

/** mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("10,000 damaged logs give a clear error or a prefix of the entries, and nothing else", () => {
  const next = random(6);
  const whole = decodeFrames(log).frames;
  let prefixes = 0;
  for (let round = 0; round < 10_000; round++) {
    const bytes = [...log];
    for (let change = 0; change <= 3 * next(); change++) {
      const at = Math.floor(next() * bytes.length);
      const how = next();
      if (how < 0.5) bytes[at] = Math.floor(next() * 256);
      else if (how < 0.7) bytes.splice(at, 1 + Math.floor(next() * 20));
      else if (how < 0.9) bytes.splice(at, 0, ...Array.from({ length: Math.ceil(next() * 20) }, () => next() * 256));
      else bytes.length = at;
    }
    try {
      const { entries: read, reader } = readLog(Uint8Array.from(bytes));
      // A checksum of 32 bits cannot be met by chance here: what is read is what was written.
      assert.deepEqual(
        read.map(({ offset }) => offset),
        whole.slice(0, read.length).map(({ offset }) => offset),
      );
      // All that was given is read, waits for its rest, or is said to be damaged.
      assert.ok(reader.offset === bytes.length || reader.damage !== undefined || reader.waiting > 0);
      prefixes++;
    } catch (error) {
      assert.ok(error instanceof DataError, String(error));
    }
  }
  assert.ok(prefixes > 5000, `${prefixes}`);
});

test("10,000 payloads of nonsense under a right checksum give an entry or are told, and never more", () => {
  const next = random(7);
  const whole = decodeFrames(log).frames;
  for (let round = 0; round < 10_000; round++) {
    const frame = whole[round % whole.length]!;
    const payload = frame.payload.slice(0, frame.payload.length - (next() < 0.3 ? Math.floor(next() * 20) : 0));
    for (let change = 0; change < 1 + 3 * next(); change++)
      if (payload.length > 0) payload[Math.floor(next() * payload.length)] = Math.floor(next() * 256);
    const reader = new LogReader();
    const read = reader.push(Uint8Array.from([...logOf([]), ...encodeFrame({ ...frame, payload })]));
    assert.equal(read.length + reader.unreadable.length, 1);
  }
});

test("numbers of a log from a file, a Buffer, are copies of their own", () => {
  const numbers = Float32Array.of(1.5, -2, 3);
  const sink: number[] = [];
  const writer = new LogWriter({ write: (bytes) => void sink.push(...bytes) }, { created: 0 });
  writer.write("slice", floatsSlice({ key: "a", role: "embedding", shape: [3] }, numbers), { step: 1 });
  const [entry] = readLog(Buffer.from(sink)).entries;
  assert.ok(entry?.kind === "slice");
  assert.deepEqual(sliceValues(entry.content), numbers);
});
