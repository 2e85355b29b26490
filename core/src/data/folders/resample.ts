/** Pixels of a picture, row by row, `channels` bytes each. */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** A part of a picture. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Resampling = "nearest" | "bilinear" | "area";

/** What a value of the new picture is made of, along one axis: `weights[k]` of the old value `first + k`. */
interface Tap {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * A part of a picture in another size, as TensorFlow's `tf.image.resize` computes it without antialiasing (pixels have their
 * centres at ½): the same numbers as Keras. [height, width, channels] of f32, not rounded.
 */
export function resample(
  { data, width, channels }: Pixels,
  from: Rectangle,
  [height, columns]: readonly [height: number, width: number],
  kind: Resampling,
): Float32Array {
  const rows = tapsOf(from.height, height, kind);
  const across = tapsOf(from.width, columns, kind);
  const out = new Float32Array(height * columns * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of across) {
      const at = ((from.top + row.first) * width + from.left + column.first) * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let down = 0; down < row.weights.length; down++) {
          let line = 0;
          const start = at + down * width * channels + channel;
          for (let right = 0; right < column.weights.length; right++)
            line += column.weights[right]! * data[start + right * channels]!;
          sum += row.weights[down]! * line;
        }
        out[to++] = sum;
      }
    }
  }
  return out;
}

function tapsOf(size: number, wanted: number, kind: Resampling): Tap[] {
  const scale = size / wanted;
  return Array.from({ length: wanted }, (_, index): Tap => {
    if (kind === "nearest") return { first: Math.min(size - 1, Math.floor((index + 0.5) * scale)), weights: [1] };
    if (kind === "area") return areaTap(index * scale, (index + 1) * scale, size);
    const centre = (index + 0.5) * scale - 0.5;
    const first = Math.floor(centre);
    if (first < 0) return { first: 0, weights: [1] };
    if (first + 1 >= size) return { first: size - 1, weights: [1] };
    return { first, weights: [1 - (centre - first), centre - first] };
  });
}

/** The mean of what lies between two places. */
function areaTap(start: number, stop: number, size: number): Tap {
  const first = Math.min(size - 1, Math.floor(start));
  const last = Math.min(size, Math.max(first + 1, Math.ceil(stop)));
  const weights = Array.from(
    { length: last - first },
    (_, k) => Math.max(0, Math.min(stop, first + k + 1) - Math.max(start, first + k)) / (stop - start),
  );
  return { first, weights };
}

/** The largest part in the middle of a picture that has the shape of the wanted size (Keras's `smart_resize`). */
export function cropToAspect(
  { width, height }: { readonly width: number; readonly height: number },
  [rows, columns]: readonly [height: number, width: number],
): Rectangle {
  const cropHeight = Math.max(1, Math.min(height, Math.trunc((width * rows) / columns)));
  const cropWidth = Math.max(1, Math.min(width, Math.trunc((height * columns) / rows)));
  return {
    top: Math.trunc((height - cropHeight) / 2),
    left: Math.trunc((width - cropWidth) / 2),
    width: cropWidth,
    height: cropHeight,
  };
}

/** Where a whole picture comes to lie in one of the wanted size, if it keeps its shape (`tf.image.resize_with_pad`). */
export function fitInside(
  { width, height }: { readonly width: number; readonly height: number },
  [rows, columns]: readonly [height: number, width: number],
): Rectangle {
  const ratio = Math.max(width / columns, height / rows);
  const [innerWidth, innerHeight] = [Math.floor(width / ratio), Math.floor(height / ratio)].map((size) =>
    Math.max(1, size),
  ) as [number, number]; // two
  return {
    left: Math.max(0, Math.floor((columns - width / ratio) / 2)),
    top: Math.max(0, Math.floor((rows - height / ratio) / 2)),
    width: innerWidth,
    height: innerHeight,
  };
}
