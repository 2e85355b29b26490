import { oneOf, text, type ValuesOf, wholeNumber } from "../options.ts";

/** The options of `chainrule profile`; they stand before what is profiled. */
export const profileOptions = {
  device: oneOf(["native", "wasm"], "where it runs; the fastest device that works otherwise"),
  top: wholeNumber("how many kernels are shown (20)"),
  trace: text("FILE", "also write a timeline, for chrome://tracing, Perfetto or speedscope"),
  json: text("FILE", "also write all figures as JSON"),
} as const;

export type ProfileValues = ValuesOf<typeof profileOptions>;
