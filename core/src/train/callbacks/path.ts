import { ArgumentError, suggest } from "../../base/errors.ts";

/**
 * The path with figures in place of `{epoch}`, `{valLoss}` …: `{epoch:3}` is padded with zeros to three digits, `{valLoss:.2}` has two
 * decimals.
 */
export const filledPath = (path: string, figures: Readonly<Record<string, number>>): string =>
  path.replace(/\{(\w+)(?::(\d*)(?:\.(\d+))?[df]?)?\}/g, (_, name: string, width = "", decimals?: string) => {
    const value = figures[name];
    if (value === undefined) {
      throw new ArgumentError({
        what: `the path "${path}" names the unknown figure "${name}"`,
        hint: suggest(name, Object.keys(figures)),
      });
    }
    const text = decimals === undefined ? String(value) : value.toFixed(Number(decimals));
    return text.padStart(Number(width), "0");
  });
