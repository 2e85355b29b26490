/** A table of text: a heading, and columns as wide as their widest cell, each to its side; two blanks between. */
export function columns(
  heading: readonly string[],
  sides: readonly ("left" | "right")[],
  rows: readonly (readonly string[])[],
): string {
  const widths = heading.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (sides[at] === "left" ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join("  ")
      .trimEnd();
  return [heading, ...rows].map((row) => `  ${line(row)}`).join("\n");
}
