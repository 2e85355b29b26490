import { PixelPicture } from "../charts/picture.tsx";
import type { Picture } from "../data/examples.ts";

const [mapSize, mostMaps] = [52, 32];

interface UnitsProps {
  readonly unit: number;
  readonly onUnit: (unit: number) => void;
}

/** The kernels of a convolution, [height, width, in, out], by their first input channel. */
export function Kernels({ kernel, unit, onUnit }: UnitsProps & { readonly kernel: Picture }) {
  const [height = 0, width = 0, inputs = 1, outputs = 0] = kernel.head.shape;
  return (
    <ul class="units">
      {Array.from({ length: Math.min(outputs, mostMaps) }, (_, at) => (
        <li key={at}>
          <button type="button" aria-pressed={at === unit} aria-label={`kernel ${at}`} onClick={() => onUnit(at)}>
            <PixelPicture
              values={Float32Array.from(
                { length: height * width },
                (_, pixel) => kernel.values[pixel * inputs * outputs + at]!,
              )}
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
}

/** What the layer makes of one example: a picture a channel, or a row of units. */
export function Maps({ map, unit, onUnit }: UnitsProps & { readonly map: Picture }) {
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
  return (
    <ul class="units">
      {Array.from({ length: Math.min(channels, mostMaps) }, (_, at) => (
        <li key={at}>
          <button type="button" aria-pressed={at === unit} aria-label={`map ${at}`} onClick={() => onUnit(at)}>
            <PixelPicture
              values={Float32Array.from({ length: height * width }, (_, pixel) => map.values[pixel * channels + at]!)}
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
}
