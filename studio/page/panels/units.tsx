import { PixelPicture } from "../charts/picture.tsx";
import type { Picture } from "../data/examples.ts";

const [mapSize, mostMaps] = [52, 32];

interface UnitsProps {
  readonly unit: number;
  readonly onUnit: (unit: number) => void;
}

interface PicturesProps extends UnitsProps {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** What a picture is called aloud, before its number. */
  readonly word: string;
  readonly valueAt: (pixel: number, at: number) => number;
}

/** Pictures to choose a unit by. */
const Pictures = ({ count, height, width, word, valueAt, unit, onUnit }: PicturesProps) => (
  <ul class="units">
    {Array.from({ length: Math.min(count, mostMaps) }, (_, at) => (
      <li key={at}>
        <button type="button" aria-pressed={at === unit} aria-label={`${word} ${at}`} onClick={() => onUnit(at)}>
          <PixelPicture
            values={Float32Array.from({ length: height * width }, (_, pixel) => valueAt(pixel, at))}
            height={height}
            width={width}
            coloring="sign"
            size={mapSize}
          />
        </button>
      </li>
    ))}
  </ul>
);

/** The kernels of a convolution, [height, width, in, out], by their first input channel. */
export function Kernels({ kernel, ...units }: UnitsProps & { readonly kernel: Picture }) {
  const [height = 0, width = 0, inputs = 1, outputs = 0] = kernel.head.shape;
  const valueAt = (pixel: number, at: number): number => kernel.values[pixel * inputs * outputs + at]!;
  return <Pictures {...units} count={outputs} height={height} width={width} word="kernel" valueAt={valueAt} />;
}

/** What the layer makes of one example: a picture a channel, or a row of units. */
export function Maps({ map, ...units }: UnitsProps & { readonly map: Picture }) {
  const [height = 0, width = 0, channels = 1] = map.head.shape;
  if (map.head.shape.length < 3) {
    const across = Math.ceil(Math.sqrt(map.values.length * 3));
    return (
      <PixelPicture
        values={map.values}
        height={Math.ceil(map.values.length / across)}
        width={across}
        coloring="sign"
        size={90}
      />
    );
  }
  const valueAt = (pixel: number, at: number): number => map.values[pixel * channels + at]!;
  return <Pictures {...units} count={channels} height={height} width={width} word="map" valueAt={valueAt} />;
}
