export interface Column {
  readonly title: string;
  readonly align: "left" | "right" | "center";
}

/** A table in boxes, as Keras draws it: as narrow as its cells allow, or `width` characters wide where that is more. */
export function printTable(columns: readonly Column[], rows: readonly (readonly string[])[], width = 0): string[] {
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...rows.map((row) => row[at]!.length)));
  const spare = width - widths.reduce((sum, each) => sum + each + 3, 1);
  if (spare > 0) widths[0]! += spare;
  const rule = (left: string, line: string, cross: string, right: string): string =>
    left + widths.map((each) => line.repeat(each + 2)).join(cross) + right;
  const cells = (bar: string, row: readonly string[]): string =>
    `${bar} ${row.map((cell, at) => aligned(cell, widths[at]!, columns[at]!.align)).join(` ${bar} `)} ${bar}`;
  const body = rows.flatMap((row, index) =>
    index === 0 ? [cells("│", row)] : [rule("├", "─", "┼", "┤"), cells("│", row)],
  );
  const titles = columns.map(({ title }) => title);
  return [rule("┏", "━", "┳", "┓"), cells("┃", titles), rule("┡", "━", "╇", "┩"), ...body, rule("└", "─", "┴", "┘")];
}

function aligned(cell: string, width: number, align: Column["align"]): string {
  if (align === "left") return cell.padEnd(width);
  if (align === "right") return cell.padStart(width);
  return cell.padStart(cell.length + Math.floor((width - cell.length) / 2)).padEnd(width);
}
