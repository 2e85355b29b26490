import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { workspace } from "./compiler.ts";
import { LanguageServer, type Position } from "./languageServer.ts";

/** The models that are measured, as source. */
export const thirtyLayers = join(workspace, "src/types/thirtyLayers.ts");

/** The place of the name that the last line declares. */
export function lastName(text: string): Position {
  const lines = text.trimEnd().split("\n");
  const line = lines.length - 1;
  return { line, character: lines[line]!.indexOf("const ") + "const ".length }; // a text has a line
}

export interface Waits {
  /** Milliseconds until the first line is understood: the project and the library are read. */
  readonly opening: number;
  /** Then until the last line is: all shapes are computed. */
  readonly first: number;
  /** After a change of one layer in the middle, which moves all shapes after it. */
  readonly afterEdit: number;
  /** The same question once more. */
  readonly again: number;
}

/** The shortest waits of several runs. Every edit gives other sizes, so that no answer is known before. */
export async function measureEditor(repeats: number): Promise<Waits> {
  const text = await readFile(thirtyLayers, "utf8");
  const place = lastName(text);
  const waits: Waits[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const server = await LanguageServer.start();
    try {
      const uri = await server.open(thirtyLayers);
      const timed = async (at = place): Promise<number> => {
        const start = performance.now();
        await server.hover(uri, at);
        return performance.now() - start;
      };
      const opening = await timed({ line: 1, character: 10 });
      const first = await timed();
      server.change(uri, 2, text.replace("conv2d(32, 3, {", `conv2d(${33 + repeat}, 3, {`));
      waits.push({ opening, first, afterEdit: await timed(), again: await timed() });
    } finally {
      await server.stop();
    }
  }
  const least = (of: (each: Waits) => number): number => Math.min(...waits.map(of));
  return {
    opening: least((each) => each.opening),
    first: least((each) => each.first),
    afterEdit: least((each) => each.afterEdit),
    again: least((each) => each.again),
  };
}
