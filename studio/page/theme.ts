import { computed, effect, signal } from "@preact/signals";

export type ThemeChoice = "system" | "light" | "dark";

const key = "chainrule-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(dark.matches);
dark.addEventListener("change", () => (systemDark.value = dark.matches));

/** Who has colours of their own for everything has chosen the theme with them: pictures must be seen on their ground. */
const forced = matchMedia("(forced-colors: active)");
const forcedColors = signal(forced.matches);
forced.addEventListener("change", () => (forcedColors.value = forced.matches));

export const themeChoice = signal<ThemeChoice>(stored());
export const theme = computed(() =>
  themeChoice.value === "system" || forcedColors.value ? (systemDark.value ? "dark" : "light") : themeChoice.value,
);

function stored(): ThemeChoice {
  try {
    const told = localStorage.getItem(key);
    return told === "light" || told === "dark" ? told : "system";
  } catch {
    return "system"; // a page from a file may have no storage
  }
}

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
  try {
    localStorage.setItem(key, themeChoice.value);
  } catch {
    // as above: the choice lasts as long as the page
  }
});

/** The colours of canvases, from the variables of the style sheet. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly faint: string;
  readonly line: string;
  readonly panel: string;
  readonly sunken: string;
  readonly accent: string;
  readonly alarm: string;
  /** Categories, told apart by colour-blind people too (after Okabe & Ito 2008). */
  readonly series: readonly string[];
  /** From blue over the panel's colour to orange. */
  readonly negative: readonly [number, number, number];
  readonly neutral: readonly [number, number, number];
  readonly positive: readonly [number, number, number];
  readonly font: string;
}

export const seriesCount = 8;

export const palette = computed((): Palette => {
  // The style sheet's variables hang on it; the effect above may not have run yet.
  document.documentElement.dataset["theme"] = theme.value;
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read("ink"),
    muted: read("muted"),
    faint: read("faint"),
    line: read("line"),
    panel: read("panel"),
    sunken: read("sunken"),
    accent: read("accent"),
    alarm: read("alarm"),
    series: Array.from({ length: seriesCount }, (_, at) => read(`series-${at}`)),
    negative: channels(read("negative")),
    neutral: channels(read("neutral")),
    positive: channels(read("positive")),
    font: `11px ${read("font")}`,
  };
});

/** "#rrggbb" as numbers from 0 to 255. */
export function channels(color: string): readonly [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

type Rgb = readonly [number, number, number];

/** A colour on the way from one to another. */
export const between = (from: Rgb, to: Rgb, share: number): Rgb => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
  from[2] + (to[2] - from[2]) * share,
];

/** The colour of a number from -1 (blue) over 0 to 1 (orange). */
export const diverging = ({ negative, neutral, positive }: Palette, value: number): Rgb =>
  value < 0 ? between(neutral, negative, Math.min(1, -value)) : between(neutral, positive, Math.min(1, value));

/** The colour of an amount from 0 to 1: from the panel's colour to blue. */
export const sequential = ({ neutral, negative }: Palette, value: number): Rgb =>
  between(neutral, negative, Math.min(1, Math.max(0, value)));
