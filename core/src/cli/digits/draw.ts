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

/** One character for a pixel and the one below it. In colour the same characters carry the greys, so that copies stay readable. */
const cell: { readonly [Style in DrawStyle]: (top: number, bottom: number) => string } = {
  color: (top, bottom) => {
    const character = halves(top, bottom);
    // What "▀" paints is the top, what it leaves is the bottom; the other way round for "▄".
    const [painted, left] = character === "▄" ? [bottom, top] : [top, bottom];
    const mean = (top + bottom) / 2;
    const [ink, paper] = character === "▀" || character === "▄" ? [painted, left] : [mean, mean];
    return `\u001b[38;5;${grey(ink)};48;5;${grey(paper)}m${character}`;
  },
  plain: (top, bottom) => {
    const character = halves(top, bottom);
    return character === " " ? shade((top + bottom) / 2) : character;
  },
};

/** The block whose halves are the bright ones of two pixels. */
function halves(top: number, bottom: number): "█" | "▀" | "▄" | " " {
  if (top >= 0.5) return bottom >= 0.5 ? "█" : "▀";
  return bottom >= 0.5 ? "▄" : " ";
}

/** What is below half brightness, in three steps. */
const shade = (value: number): string => (value < 1 / 6 ? " " : value < 1 / 3 ? "░" : "▒");

/** The nearest of the 24 greys of the 256-colour palette (232 to 255; xterm's table). */
const grey = (value: number): number => 232 + Math.round(23 * Math.min(1, Math.max(0, value)));
