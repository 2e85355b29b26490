import { DeviceError } from "chainrule/base";

export type Koffi = typeof import("koffi");
export type Library = ReturnType<Koffi["load"]>;

let loading: Promise<Koffi> | undefined;

/** The package that calls C; a DeviceError when it is missing or does not work here. */
export function loadKoffi(): Promise<Koffi> {
  loading ??= import("koffi").then(
    // The default export is the whole package; its types only describe the named exports.
    (module) => module.default as unknown as Koffi,
    (error: unknown) => {
      loading = undefined;
      throw new DeviceError({
        what: "the package koffi, which calls compiled code, cannot be loaded",
        details: [{ role: "cause", value: error instanceof Error ? error.message : String(error) }],
        hint: "npm install koffi",
      });
    },
  );
  return loading;
}
