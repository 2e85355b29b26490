/** What we need of Node's `process`, which browsers do not have. */
interface HostProcess {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly arch?: string;
  readonly versions?: { readonly node?: string; readonly v8?: string };
  getBuiltinModule?(name: string): unknown;
}

const host = (): HostProcess | undefined => (globalThis as { readonly process?: HostProcess }).process;

/** The Node module `name` ("node:fs"), or undefined in a browser. The caller states the module's type. */
// The caller names a Node module and its type together; nothing here can check that they belong to each other.
export const builtin = <T>(name: string): T | undefined => host()?.getBuiltinModule?.(name) as T | undefined;

/** True in Node, where files, worker threads and native code exist. */
export const inNode = (): boolean => host()?.versions?.node !== undefined && builtin("node:fs") !== undefined;

/** The version of V8 under Node, and the kind of processor; "" elsewhere. */
export const engineVersion = (): { readonly v8: string; readonly processor: string } => ({
  v8: host()?.versions?.v8 ?? "",
  processor: host()?.arch ?? "",
});

/** Sets flags of V8 under Node; engines that only look like Node have none. */
export function setEngineFlags(flags: string): void {
  try {
    builtin<{ setFlagsFromString(flags: string): void }>("node:v8")?.setFlagsFromString(flags);
  } catch {}
}

/** The environment variable `name`; undefined when it is unset, empty, or there is no environment. */
export const environment = (name: string): string | undefined => host()?.env?.[name] || undefined;
