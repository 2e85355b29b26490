/** A small picture that is drawn on: 0 paper, 1 ink. */
export class Pad {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
    this.values = new Float32Array(rows * columns);
  }

  get isEmpty(): boolean {
    return this.values.every((value) => value === 0);
  }
}

/** Of a pen on a pad of 28 columns. */
const penRadius = 1.25;

/** A stroke of ink from one place to another, in units of the pad's pixels. Its edge is soft. */
export function paint(pad: Pad, x0: number, y0: number, x1: number, y1: number): void {
  const radius = (penRadius * pad.columns) / 28;
  const length2 = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  for (let row = 0; row < pad.rows; row++) {
    for (let column = 0; column < pad.columns; column++) {
      const [x, y] = [column + 0.5, row + 0.5];
      const along = length2 === 0 ? 0 : ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length2;
      const near = Math.max(0, Math.min(1, along));
      const distance = Math.hypot(x - x0 - near * (x1 - x0), y - y0 - near * (y1 - y0));
      const ink = Math.max(0, Math.min(1, radius + 0.5 - distance));
      const at = row * pad.columns + column;
      pad.values[at] = Math.max(pad.values[at]!, ink);
    }
  }
}

export const clear = (pad: Pad): void => void pad.values.fill(0);

/** The drawing with its centre of mass in the middle, as the digits of MNIST have it. */
export function centred(pad: Pad): Float32Array {
  const { rows, columns, values } = pad;
  let [mass, x, y] = [0, 0, 0];
  for (let at = 0; at < values.length; at++) {
    mass += values[at]!;
    x += values[at]! * (at % columns);
    y += values[at]! * Math.floor(at / columns);
  }
  if (mass === 0) return values;
  const [right, down] = [Math.round((columns - 1) / 2 - x / mass), Math.round((rows - 1) / 2 - y / mass)];
  return values.map((_, at) => {
    const [row, column] = [Math.floor(at / columns) - down, (at % columns) - right];
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    return inside ? values[row * columns + column]! : 0;
  });
}
