import { range } from "../base/shape.ts";

export interface Column {
  readonly title: string;
  readonly align: "left" | "right" | "center";
}

/** Columns are not made narrower than this. */
const narrowest = 8;

/**
 * A table in boxes, as Keras draws it: as narrow as its cells allow, or, with a `width`, so many characters wide; cells that have no
 * room there, and those with line breaks, go on in the next line.
 */
export function printTable(columns: readonly Column[], rows: readonly (readonly string[])[], width = 0): string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(...[title, ...rows.map((row) => row[at]!)].flatMap((cell) => cell.split("\n").map(widthOf))),
  );
  const spare = width - widths.reduce((sum, each) => sum + each + 3, 1);
  if (spare > 0) widths[0]! += spare;
  if (width > 0) for (const _ of range(Math.max(0, -spare))) narrow(widths);
  const rule = (left: string, line: string, cross: string, right: string): string =>
    left + widths.map((each) => line.repeat(each + 2)).join(cross) + right;
  const cells = (bar: string, row: readonly string[]): string[] => {
    const parts = row.map((cell, at) => cell.split("\n").flatMap((line) => wrapped(line, widths[at]!)));
    return range(Math.max(...parts.map(({ length }) => length))).map((line) => {
      const texts = parts.map((part, at) => aligned(part[line] ?? "", widths[at]!, columns[at]!.align));
      return `${bar} ${texts.join(` ${bar} `)} ${bar}`;
    });
  };
  const body = rows.flatMap((row, index) =>
    index === 0 ? cells("│", row) : [rule("├", "─", "┼", "┤"), ...cells("│", row)],
  );
  const titles = columns.map(({ title }) => title);
  return [rule("┏", "━", "┳", "┓"), ...cells("┃", titles), rule("┡", "━", "╇", "┩"), ...body, rule("└", "─", "┴", "┘")];
}

/** Takes a character from the widest column. */
function narrow(widths: number[]): void {
  const widest = widths.indexOf(Math.max(...widths));
  if (widths[widest]! > narrowest) widths[widest]!--;
}

/** Characters of terminals that a text takes: two for those of East Asia, none for marks on others. */
export const widthOf = (text: string): number => [...text].reduce((sum, character) => sum + widthOfOne(character), 0);

function widthOfOne(character: string): 0 | 1 | 2 {
  if (/\p{Mark}/u.test(character)) return 0;
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{3fffd}]/u.test(
    character,
  )
    ? 2
    : 1;
}

/** The text in lines of at most this width, broken at a space or a "_" where there is one in the second half. */
function wrapped(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text];
  const characters = [...text];
  let [end, taken] = [0, 0];
  while (end < characters.length && taken + widthOfOne(characters[end]!) <= width)
    taken += widthOfOne(characters[end++]!);
  const near = range(end).findLast((at) => at >= end / 2 && " _".includes(characters[at]!));
  const cut = near === undefined ? Math.max(end, 1) : near + 1;
  const rest = characters.slice(cut).join("").trimStart();
  return [characters.slice(0, cut).join("").trimEnd(), ...(rest === "" ? [] : wrapped(rest, width))];
}

function aligned(cell: string, width: number, align: Column["align"]): string {
  const spare = Math.max(0, width - widthOf(cell));
  const before = align === "left" ? 0 : align === "right" ? spare : Math.floor(spare / 2);
  return " ".repeat(before) + cell + " ".repeat(spare - before);
}
