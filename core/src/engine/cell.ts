import type { DType } from "../base/dtype.ts";
import { DTypeError, ShapeError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { printShape, sameShape } from "../base/shape.ts";
import { selection } from "../device/select.ts";
import { originOf } from "../graph/describe.ts";
import type { Node } from "../graph/node.ts";
import { type Holder, holderOf, isDisposed, isLeaf, makeLeaf, resolve } from "./leaf.ts";
import { prepare, realize } from "./realize.ts";
import { copied, readStorage, readStorageSync, Storage } from "./storage.ts";
import { checkAssignable, currentTrace } from "./trace.ts";

/** The memory of one Variable: an identity whose value changes. All state of a program lives in cells. */
export class Cell {
  /** For people: in messages, plans and files. May change; programs traced before keep the old one. */
  name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly holder: Holder;
  /** The leaf that stands for the present value; a new one after each change. */
  #leaf: WeakRef<Node> | undefined;

  /** `initial` is computed when the value is first needed, together with all others that are needed then. */
  constructor(name: string, initial: Node) {
    const value = resolve(initial);
    this.name = name;
    this.shape = value.shape;
    this.dtype = value.dtype;
    this.holder = { storage: isLeaf(value) ? holderOf(value).storage.retain() : new Storage(value, { source: value }) };
  }

  /** The node of the present value. Outside of a trace it is a snapshot: later changes leave it as it is. */
  read(): Node {
    return currentTrace()?.read(this) ?? this.snapshot();
  }

  snapshot(): Node {
    const known = this.#leaf?.deref();
    if (known !== undefined && !isDisposed(known)) return known;
    const leaf = makeLeaf(this.holder.storage.retain(), this.name);
    this.#leaf = new WeakRef(leaf);
    return leaf;
  }

  /** Makes `value` the present value: inside a trace an output of the program, outside computed at once. */
  assign(value: Node): void {
    checkAssignable(this.name);
    this.#check(value);
    const trace = currentTrace();
    if (trace !== undefined) {
      trace.assign(this, value);
      return;
    }
    const [leaf] = realize([value]);
    this.adopt(holderOf(leaf!).storage.retain());
  }

  /** Takes over one reference to `storage`, whose value is the present one from now on. */
  adopt(storage: Storage): void {
    const old = this.holder.storage;
    this.holder.storage = storage;
    this.changed();
    old.release();
  }

  /** The storage, computed, on the selected device, and shared with nobody: a run may overwrite it. */
  exclusive(): Storage {
    const on = selection();
    const [storage] = prepare([this.holder], on);
    // Copy on write: a tensor, or another variable, still shows the value that is about to be replaced.
    if (storage!.shared) this.adopt(copied(storage!, on));
    return this.holder.storage;
  }

  /** Forgets the leaf: it stands for a value of the past. */
  changed(): void {
    this.#leaf = undefined;
  }

  /** The value's bytes as of now. */
  bytes(): Promise<Uint8Array> {
    const [storage] = prepare([this.holder], selection());
    return readStorage(storage!);
  }

  /** The same while the calling thread waits. */
  bytesSync(what: string): Uint8Array {
    const [storage] = prepare([this.holder], selection());
    return readStorageSync(storage!, what);
  }

  #check(value: Node): void {
    const fits = sameShape(this.shape, value.shape);
    if (fits && this.dtype === value.dtype) return;
    const types = [this, value].map(({ dtype, shape }) => `${dtype} ${printShape(shape)}`);
    const parts = {
      what: `assign: the value does not fit the variable ${this.name}`,
      details: [
        { role: "variable", value: types[0]!, origin: this.name },
        { role: "value", value: types[1]!, origin: originOf(value) },
      ],
    };
    if (fits) throw new DTypeError({ ...parts, hint: `cast the value to ${this.dtype}` });
    throw new ShapeError({
      ...parts,
      hint: "a variable keeps its shape for life; reshape the value, or make a new variable",
    });
  }
}
