import { ArgumentError } from "../base/errors.ts";
import type { Recording, StudioOptions } from "./recording.ts";

interface StudioPackage {
  readonly studioRecording: (options: StudioOptions) => Promise<Recording>;
}

/** The recording that `fit({ studio })` asks for: the package of the studio is loaded now. */
export async function openStudio(options: StudioOptions): Promise<Recording> {
  const { studioRecording } = (await loadStudio("fit({ studio })")) as StudioPackage; // our own package
  return studioRecording(options);
}

/** The package of the studio, for `who` asks for it. */
export async function loadStudio(who: string): Promise<unknown> {
  // Not a literal, so that bundlers leave the optional package alone.
  const specifier = ["@chainrule", "studio"].join("/");
  try {
    return await import(specifier);
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ArgumentError({
      what: `${who}: the package @chainrule/studio is not installed`,
      hint: "npm install @chainrule/studio",
    });
  }
}
