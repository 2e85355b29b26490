import type * as keras from "./keras/index.ts";

/** What reads and writes the files of Keras: the module `chainrule/keras`. */
export type KerasFiles = typeof keras;

export interface WithKeras {
  /** For files of Keras in a page: `await import("chainrule/keras")`. Node has it without being told. */
  readonly keras?: KerasFiles | undefined;
}

/** The one that was passed; else the program's own, which pages do not have. */
export const kerasFiles = async ({ keras }: WithKeras): Promise<KerasFiles> => keras ?? import("#keras");
