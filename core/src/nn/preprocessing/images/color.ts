import { stack, type Tensor, where } from "../../../tensor/index.ts";
import type { Range } from "./factor.ts";

// All take images [batch, height, width, channels] and a number for each image, [batch].

const perImage = (x: Tensor): Tensor => x.reshape([x.size, 1, 1, 1]) as Tensor;

/** Distances from the mean of each channel, multiplied. */
export function contrasted(images: Tensor, factor: Tensor, [low, high]: Range): Tensor {
  const mean = images.mean([1, 2], { keepDims: true });
  return images.sub(mean).mul(perImage(factor)).add(mean).clip(low, high) as Tensor;
}

/** Values of all channels, raised by a fraction of their range. */
export const brightened = (images: Tensor, delta: Tensor, [low, high]: Range): Tensor =>
  images.add(perImage(delta).mul(high - low)).clip(low, high) as Tensor;

/** Hues turned, by a fraction of the circle of colors. */
export function recolored(images: Tensor, turn: Tensor, [low, high]: Range): Tensor {
  const unit = images.sub(low).div(high - low) as Tensor;
  const [hue, saturation, value] = toHsv(unit);
  const turned = hue.add(turn.reshape([turn.size, 1, 1])).mod(1) as Tensor;
  return toRgb(turned, saturation, value)
    .clip(0, 1)
    .mul(high - low)
    .add(low) as Tensor;
}

/** Saturation multiplied: 0 is grey, 1 leaves colors as they are. */
export function saturated(images: Tensor, factor: Tensor, [low, high]: Range): Tensor {
  const [hue, saturation, value] = toHsv(images.sub(low) as Tensor);
  const changed = saturation.mul(factor.reshape([factor.size, 1, 1])).clip(0, 1) as Tensor;
  return toRgb(hue, changed, value)
    .clip(0, high - low)
    .add(low) as Tensor;
}

type Planes = readonly [hue: Tensor, saturation: Tensor, value: Tensor];

/** Hue as a fraction of the circle, saturation from 0 to 1, and value: the largest of red, green and blue (Smith 1978). */
export function toHsv(images: Tensor): Planes {
  const [red, green, blue] = [0, 1, 2].map((channel) => images.slice(["...", channel])) as unknown as Planes;
  const value = red.maximum(green).maximum(blue) as Tensor;
  const spread = value.sub(red.minimum(green).minimum(blue)) as Tensor;
  const grey = spread.lessEqual(0);
  const safe = where(grey, 1, spread).mul(6) as Tensor;
  const sixth = where(
    value.equal(red),
    green.sub(blue).div(safe),
    where(
      value.equal(green),
      blue
        .sub(red)
        .div(safe)
        .add(1 / 3),
      red
        .sub(green)
        .div(safe)
        .add(2 / 3),
    ),
  );
  const hue = where(grey, 0, sixth).mod(1) as Tensor;
  const saturation = where(value.greater(0), spread.div(where(value.greater(0), value, 1)), 0) as Tensor;
  return [hue, saturation, value];
}

export function toRgb(hue: Tensor, saturation: Tensor, value: Tensor): Tensor {
  const sixths = hue.mul(6);
  const share = [sixths.sub(3).abs().sub(1), sixths.sub(2).abs().neg().add(2), sixths.sub(4).abs().neg().add(2)].map(
    (part) => part.clip(0, 1),
  );
  const grey = saturation.neg().add(1);
  return stack(
    share.map((part) => value.mul(grey.add(saturation.mul(part)))),
    -1,
  ) as Tensor;
}
