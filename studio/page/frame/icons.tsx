import type { Screen } from "../state.ts";

/** Strokes in a field of 24 × 24. */
const paths: { readonly [S in Screen]: string } = {
  runs: "M4 6h16M4 12h16M4 18h16M4 6v.01M8 4v16",
  live: "M3 17c4 0 4-10 8-10s3 6 10 6M3 21h18",
  network: "M5 6a2 2 0 1 0 .01 0M5 14a2 2 0 1 0 .01 0M19 10a2 2 0 1 0 .01 0M7 8l10 4M7 16l10-4",
  health: "M3 12h4l3-7 4 14 3-7h4",
  data: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM14 14l5 5M19 14l-5 5",
  profile: "M3 5h12M7 10h8M9 15h10M5 20h7",
};

export const ScreenIcon = ({ name }: { readonly name: Screen }) => (
  <svg viewBox="0 0 24 24" class="icon" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);

const glyphs = {
  play: "M7 4l13 8-13 8z",
  pause: "M7 4v16M17 4v16",
  step: "M5 4l10 8-10 8zM19 4v16",
  stop: "M5 5h14v14H5z",
  start: "M5 4v16M19 4L9 12l10 8z",
  live: "M12 12m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
  sun: "M12 8a4 4 0 1 0 .01 0M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M5 19l2-2",
  moon: "M20 14A8 8 0 1 1 10 4a7 7 0 0 0 10 10z",
  auto: "M12 3a9 9 0 1 0 .01 0M12 3v18M12 8l5-3M12 13l8-4.5M12 18l7.5-4",
  help: "M12 2.5a9.5 9.5 0 1 0 .01 0M9.2 9.3a2.9 2.9 0 1 1 4 2.7c-.9.4-1.2 1-1.2 2M12 17.2v.01",
  more: "M4.5 12a1 1 0 1 0 .01 0M12 12a1 1 0 1 0 .01 0M19.5 12a1 1 0 1 0 .01 0",
} as const;

export const Glyph = ({ name, filled = false }: { readonly name: keyof typeof glyphs; readonly filled?: boolean }) => (
  <svg viewBox="0 0 24 24" class={filled ? "icon filled" : "icon"} aria-hidden="true">
    <path d={glyphs[name]} />
  </svg>
);
