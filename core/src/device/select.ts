import { ArgumentError, DeviceError, suggest } from "../base/errors.ts";
import { environment, inNode } from "../base/host.ts";
import type { Device, DeviceName } from "./device.ts";
import { createReferenceDevice } from "./reference/index.ts";

/** A chosen device: known at once, ready later. All work on one device goes through one selection. */
export interface Selection {
  /** What was asked for: a name, or "automatic". */
  readonly requested: string;
  /** The device, or the reason why there is none. */
  readonly ready: Promise<Device>;
  /** The device, once `ready` has given it. */
  readonly device: Device | undefined;
  /** Why a faster device was passed over; empty when none was. Known when `ready` is settled. */
  readonly passedOver: string;
}

export interface DeviceReport {
  readonly name: DeviceName;
  readonly description: string;
  /** Why this one: "" when it is the fastest kind, else why the faster ones are not used. */
  readonly reason: string;
  /** All of it in one line: "wasm: SIMD, 2 threads; native is not used: no C compiler found (cc, gcc, clang)". */
  readonly line: string;
}

interface Options {
  readonly threads?: number;
}

export type SelectableName = Exclude<DeviceName, "webgpu">;

/** How each device is made, fastest first; each throws a DeviceError that says why it cannot be used. */
const makers: { readonly [N in SelectableName]: (options: Options) => Promise<Device> } = {
  native: async (options) => (await importNative()).createNativeDevice(options),
  wasm: async (options) => (await importWasm()).createWasmDevice(options),
  reference: async () => createReferenceDevice(),
};
const selectable = Object.keys(makers) as readonly SelectableName[];

const selections = new Map<string, Selection>();
const givenDevices = new WeakMap<Device, Selection>();
let chosen: Selection | undefined;
let threads: number | undefined;

/** The selection that new work uses: what `setDevice` chose, else `CHAINRULE_DEVICE`, else the fastest that works. */
export function selection(): Selection {
  chosen ??= named(environment("CHAINRULE_DEVICE") ?? "automatic", "CHAINRULE_DEVICE");
  return chosen;
}

/** The device that new work uses. */
export const defaultDevice = (): Promise<Device> => selection().ready;

/**
 * Chooses the device for all later work: a name ("native", "wasm", "reference", "automatic") or a device of your own.
 * The choice holds at once; the promise gives the device, or says why it cannot be used.
 */
export function setDevice(device: string | Device): Promise<Device> {
  chosen = typeof device === "string" ? named(device, "setDevice") : given(device);
  return chosen.ready;
}

/** A device of its own, beside the selected one: whoever asks for it closes it. */
export const createDevice = (name: SelectableName): Promise<Device> =>
  demanded(name, threads === undefined ? {} : { threads });

/** Sets how many threads devices use that are made from now on; values live on move to the new device when used. */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError({
      what: `setThreads: ${count} is not a positive integer`,
      hint: "pass the number of threads, such as 2",
    });
  }
  const requested = chosen?.requested;
  threads = count;
  if (requested !== undefined && requested !== "given") chosen = named(requested, "setThreads");
}

/** Which device is in use, and why. */
export async function deviceReport(): Promise<DeviceReport> {
  const current = selection();
  const { name, description } = await current.ready;
  const reason = current.passedOver;
  return { name, description, reason, line: `${name}: ${description}${reason === "" ? "" : `; ${reason}`}` };
}

function named(name: string, where: string): Selection {
  if (name !== "automatic" && !isSelectable(name)) {
    throw new ArgumentError({
      what: `${where}: there is no device "${name}"`,
      hint: suggest(name, [...selectable, "automatic"]),
    });
  }
  const key = `${name} ${threads ?? ""}`;
  const known = selections.get(key);
  if (known !== undefined) return known;
  const options = threads === undefined ? {} : { threads };
  const made: Selection = select(name, (self) =>
    name === "automatic" ? fastest(self, options) : demanded(name, options),
  );
  selections.set(key, made);
  // A device that could not be made is tried again next time: the cause may have been removed.
  made.ready.catch(() => selections.delete(key));
  return made;
}

const isSelectable = (name: string): name is SelectableName => (selectable as readonly string[]).includes(name);

function given(device: Device): Selection {
  const known = givenDevices.get(device) ?? select("given", async () => device);
  givenDevices.set(device, known);
  return known;
}

function select(requested: string, make: (self: { passedOver: string }) => Promise<Device>): Selection {
  const notes = { passedOver: "" };
  let device: Device | undefined;
  const ready = make(notes).then((made) => {
    device = made;
    return made;
  });
  ready.catch(() => {}); // whoever awaits `ready` gets the error; nobody may be waiting yet
  return {
    requested,
    ready,
    get device() {
      return device;
    },
    get passedOver() {
      return notes.passedOver;
    },
  };
}

/** The first device that works; why the ones before it do not is noted in `self`. */
async function fastest(self: { passedOver: string }, options: Options): Promise<Device> {
  const reasons: string[] = [];
  for (const name of selectable) {
    try {
      const device = await makers[name](options);
      self.passedOver = reasons.join("; ");
      return device;
    } catch (error) {
      if (!isDeviceError(error)) throw error;
      reasons.push(`${name} is not used: ${error.parts.what}`);
    }
  }
  throw new DeviceError({ what: "no device works here", details: reasons.map((value) => ({ role: "tried", value })) });
}

/** The device asked for by name, or a DeviceError: another one is never taken silently. */
async function demanded(name: SelectableName, options: Options): Promise<Device> {
  try {
    return await makers[name](options);
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    throw new DeviceError({
      what: `the device "${name}" was asked for and cannot be used: ${error.parts.what}`,
      ...(error.parts.details === undefined ? {} : { details: error.parts.details }),
      hint: error.parts.hint ?? 'choose "automatic" to use the fastest device that works here',
    });
  }
}

/** By name, because a bundle may hold its own copy of the class. */
const isDeviceError = (error: unknown): error is DeviceError =>
  error instanceof DeviceError || (error instanceof Error && error.name === "DeviceError" && "parts" in error);

interface NativeModule {
  createNativeDevice(options: Options): Promise<Device>;
}

interface WasmModule {
  createWasmDevice(options: Options): Promise<Device>;
}

async function importNative(): Promise<NativeModule> {
  if (!inNode()) throw new DeviceError("native code cannot run in a browser");
  // Not a literal, so that bundlers leave the optional package alone.
  const specifier = ["@chainrule", "native"].join("/");
  try {
    return (await import(/* @vite-ignore */ specifier)) as NativeModule; // the package's declared entry point
  } catch (error) {
    const code = (error as { readonly code?: string }).code; // Node's module loader sets it
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
    throw new DeviceError({
      what: "the package @chainrule/native is not installed",
      hint: "npm install @chainrule/native",
    });
  }
}

/** Loaded when it is wanted: a page that brings its own device does not pay for this one. */
const importWasm = (): Promise<WasmModule> => import("./wasm/index.ts");
