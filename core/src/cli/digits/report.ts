const classes = 10;

/** Counts of predictions: `matrix[actual][predicted]`. */
export function confusionMatrix(actual: ArrayLike<number>, predicted: ArrayLike<number>): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let index = 0; index < actual.length; index++) matrix[actual[index]!]![predicted[index]!]!++;
  return matrix;
}

/** The matrix as a table; zeros are dots, so that mistakes stand out. */
export function printConfusion(matrix: readonly (readonly number[])[]): string {
  const cell = (text: string): string => text.padStart(5);
  const digits = matrix.map((_, digit) => String(digit));
  const rows = matrix.map((row, digit) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    const recall = total === 0 ? "–" : `${((100 * (row[digit] ?? 0)) / total).toFixed(1)}%`;
    return `  ${String(digit).padStart(6)} │${row.map((value) => cell(value === 0 ? "·" : String(value))).join("")} │ ${recall.padStart(6)}`;
  });
  return [
    `  actual │${"predicted".padStart(9).padEnd(5 * classes)} │ recall`,
    `         │${digits.map(cell).join("")} │`,
    `  ───────┼${"─".repeat(5 * classes + 1)}┼───────`,
    ...rows,
  ].join("\n");
}

/** Where the time went, in milliseconds, with shares of the total; what nobody named is the rest. */
export function printTimes(times: Readonly<Record<string, number>>, totalMs: number): string {
  const named = Object.values(times).reduce((sum, ms) => sum + ms, 0);
  const all = { ...times, "everything else": Math.max(0, totalMs - named) };
  const width = Math.max(...Object.keys(all).map((name) => name.length));
  const line = (name: string, ms: number): string => {
    const share = ms / Math.max(totalMs, named, 1e-9);
    return `  ${name.padEnd(width)}  ${seconds(ms).padStart(8)}  ${(100 * share).toFixed(1).padStart(5)}%  ${"█".repeat(Math.round(40 * share))}`.trimEnd();
  };
  return Object.entries(all)
    .map(([name, ms]) => line(name, ms))
    .join("\n");
}

/** `12.34 s`. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
