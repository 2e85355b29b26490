import { ArgumentError, suggest } from "../../base/errors.ts";

/**
 * The path with figures in place of `{epoch}`, `{valLoss}` …, written as Python's formats say: `{epoch:03d}` has three digits, with
 * zeros before it, `{valLoss:.2f}` two decimals.
 */
export const filledPath = (path: string, figures: Readonly<Record<string, number>>): string =>
  path.replace(/\{(\w+)(?::([^{}]*))?\}/g, (whole, name: string, format = "") => {
    const value = figures[name];
    if (value === undefined) {
      throw new ArgumentError({
        what: `the path "${path}" names the unknown figure "${name}"`,
        hint: suggest(name, Object.keys(figures)),
      });
    }
    const text = formatted(value, format);
    if (text !== undefined) return text;
    throw new ArgumentError({
      what: `the path "${path}" has the unknown format ${whole}`,
      hint: "known are widths, as {epoch:03d}, and decimals, as {loss:.2f} or {loss:.1e}",
    });
  });

/** The number in a format of Python: [alignment][0][width][.decimals][d, f or e]. */
function formatted(value: number, format: string): string | undefined {
  const parts = /^([<>])?(0)?(\d*)(?:\.(\d+))?([dfe]?)$/.exec(format);
  if (parts === null) return undefined;
  const [, align = ">", zero, width, decimals, kind] = parts;
  const digits = decimals === undefined ? 6 : Number(decimals);
  const plain = kind === "d" || (kind === "" && decimals === undefined);
  const text = plain
    ? String(value)
    : kind === "e"
      ? value.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2")
      : value.toFixed(digits);
  if (zero !== undefined && value >= 0) return text.padStart(Number(width), "0");
  return align === ">" ? text.padStart(Number(width)) : text.padEnd(Number(width));
}
