/** "color" draws every pixel in its grey, by codes that terminals know; "plain" has characters only. */
export type DrawStyle = "color" | "plain";

/** A grey image with values from 0 to 1, row-major. */
export interface Image {
  readonly pixels: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** An image as lines of text, two rows of pixels a line, so that pixels come out square. */
export function drawImage({ pixels, width, height }: Image, style: DrawStyle): string[] {
  const value = (row: number, column: number): number => (row < height ? (pixels[row * width + column] ?? 0) : 0);
  return Array.from({ length: Math.ceil(height / 2) }, (_, line) => {
    const cells = Array.from({ length: width }, (_, column) =>
      cell[style](value(2 * line, column), value(2 * line + 1, column)),
    );
    return style === "color" ? `${cells.join("")}\u001b[0m` : cells.join("");
  });
}

/** One character for a pixel and the one below it. */
const cell: { readonly [Style in DrawStyle]: (top: number, bottom: number) => string } = {
  color: (top, bottom) => `\u001b[38;5;${grey(top)};48;5;${grey(bottom)}m▀`,
  plain: (top, bottom) => {
    if (top >= 0.5 && bottom >= 0.5) return "█";
    if (top >= 0.5) return "▀";
    if (bottom >= 0.5) return "▄";
    return shades[Math.min(shades.length - 1, Math.floor(((top + bottom) / 2) * 2 * shades.length))] ?? " ";
  },
};

/** What is left below half brightness. */
const shades = [" ", "░", "▒"] as const;

/** The nearest of the 24 greys of the 256-colour palette (232 to 255; xterm's table). */
const grey = (value: number): number => 232 + Math.round(23 * Math.min(1, Math.max(0, value)));
