/** How far a download is. */
export interface DownloadProgress {
  readonly name: string;
  /** Bytes that have come, those of an earlier attempt included. */
  readonly bytes: number;
  /** Bytes in all, where the server says so. */
  readonly totalBytes: number | undefined;
  readonly done: boolean;
}

/** The part of a terminal that is used. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawMs = 100;
const widestBar = 30;

/** Draws a bar for each download on a terminal; elsewhere it draws nothing. */
export function terminalProgress(
  terminal: Terminal | undefined = (globalThis as { process?: { stderr?: Terminal } }).process?.stderr,
  now: () => number = () => performance.now(),
): (progress: DownloadProgress) => void {
  if (terminal?.isTTY !== true) return () => {};
  let started: { readonly at: number; readonly bytes: number } | undefined;
  let drawn = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const time = now();
    started ??= { at: time, bytes: progress.bytes };
    if (!progress.done && time - drawn < redrawMs) return;
    drawn = time;
    const seconds = (time - started.at) / 1000;
    const rate = seconds > 0 ? (progress.bytes - started.bytes) / seconds : 0;
    const line = progressLine(progress, rate, (terminal.columns ?? 80) - 1);
    terminal.write(`\r\u001b[2K${line}${progress.done ? "\n" : ""}`);
  };
}

/** "mnist.npz  ━━━━━━━━━━      42 %  4.8 of 11.5 MB  3.2 MB/s", no wider than `columns`. */
export function progressLine({ name, bytes, totalBytes }: DownloadProgress, rate: number, columns: number): string {
  const speed = rate > 0 ? `  ${sizeText(rate)}/s` : "";
  const words =
    totalBytes === undefined
      ? `${sizeText(bytes)}${speed}`
      : `${String(Math.floor((100 * bytes) / Math.max(1, totalBytes))).padStart(3)} %  ${sizeText(bytes)} of ${sizeText(totalBytes)}${speed}`;
  const width = Math.min(widestBar, columns - name.length - words.length - 4);
  if (totalBytes === undefined || width < 5) return `${name}  ${words}`.slice(0, columns);
  const filled = Math.round((width * bytes) / Math.max(1, totalBytes));
  return `${name}  ${"━".repeat(filled)}${" ".repeat(width - filled)}  ${words}`;
}

/** Bytes in the unit that people use: "4.8 MB". */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${step === 0 ? Math.round(bytes) : (bytes / 1000 ** step).toFixed(1)} ${units[step]}`;
}
