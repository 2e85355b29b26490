// Numbers as people read them.

/** Three significant digits, unless said; very large and small ones with an exponent. "NaN" and "∞" are said as they are. */
export function number(value: number | undefined, digits = 3): string {
  if (value === undefined) return "–";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size >= 1e5 || size < 1e-3
      ? value.toExponential(digits - 1).replace("e+", "e")
      : size >= 1000
        ? value.toFixed(Math.max(0, digits - 4))
        : value.toPrecision(digits);
  return trimmed(text).replace("-", "−");
}

/** Three significant digits, zeros too: figures below each other are as long. */
export function figure(value: number | undefined): string {
  const size = Math.abs(value ?? 0);
  return value === undefined || !(size >= 1e-3 && size < 1000) ? number(value) : value.toPrecision(3).replace("-", "−");
}

/** "1.500e-3" as "1.5e-3". */
const trimmed = (text: string): string => (text.includes(".") ? text.replace(/\.?0+(?=e|$)/, "") : text);

const groups = new Intl.NumberFormat("en");
/** A count with its thousands told apart: "53,866". */
export const count = (value: number): string => groups.format(Math.round(value));

const prefixes = ["", "k", "M", "G", "T"];
/** "53.9 k". */
export function short(value: number): string {
  let [rest, prefix] = [value, 0];
  for (; Math.abs(rest) >= 999.5 && prefix < prefixes.length - 1; prefix++) rest /= 1000;
  return prefix === 0 ? count(rest) : `${trimmed(rest.toPrecision(3))} ${prefixes[prefix]}`;
}

export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let [rest, unit] = [value, 0];
  for (; rest >= 1000 && unit < units.length - 1; unit++) rest /= 1024;
  return `${unit === 0 ? rest.toFixed(0) : trimmed(rest.toPrecision(3))} ${units[unit]}`;
}

export const percent = (share: number | undefined, digits = 0): string =>
  share === undefined || Number.isNaN(share) ? "–" : `${(100 * share).toFixed(digits)} %`;

export function milliseconds(ms: number): string {
  if (!Number.isFinite(ms)) return number(ms);
  if (ms >= 1000) return duration(ms / 1000);
  return ms >= 0.1 || ms === 0 ? `${ms === 0 ? 0 : ms.toPrecision(3)} ms` : `${(1000 * ms).toPrecision(2)} µs`;
}

/** "02:11", "1:05:30"; below a minute "4.2 s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 60) return `${seconds.toFixed(seconds < 0.95 ? 2 : seconds < 9.95 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number): string => String(part).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** "28×28×1"; open sizes are left out. */
export const shape = (sizes: readonly (number | null)[]): string => {
  const known = sizes.filter((size) => size !== null);
  return known.length === 0 ? "scalar" : known.join("×");
};

/** "validationAccuracy" as "validation accuracy". */
export const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** Whether a figure is a share by its name: it is told in percent. */
export const isShare = (name: string): boolean => /accuracy|precision|recall/i.test(name);

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
