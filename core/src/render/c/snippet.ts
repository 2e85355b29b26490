/** A piece of C that kernels may need: a type, a constant or an inline function, with what it builds on. */
export interface Snippet {
  readonly needs?: readonly string[];
  readonly text: string;
}

/** Removes the indentation that a template literal has in our source. */
export function dedent(text: string): string {
  const lines = text.replace(/^\n/, "").trimEnd().split("\n");
  const margin = Math.min(
    ...lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length),
  );
  return lines.map((line) => line.slice(margin)).join("\n");
}

export const snippet = (text: string, needs: readonly string[] = []): Snippet => ({ text: dedent(text), needs });
