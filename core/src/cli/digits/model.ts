import { type Sequential, sequential } from "../../model/index.ts";
import { layers } from "../../nn/index.ts";

/** The book's small convnet: 104,202 parameters ("Deep Learning with Python", section 8.1). */
export const digitsModel = (): Sequential =>
  sequential(
    [
      layers.input([28, 28, 1]),
      layers.conv2d(32, 3, { activation: "relu" }),
      layers.maxPooling2d(2),
      layers.conv2d(64, 3, { activation: "relu" }),
      layers.maxPooling2d(2),
      layers.conv2d(128, 3, { activation: "relu" }),
      layers.flatten(),
      layers.dense(10, { activation: "softmax" }),
    ],
    { name: "digits" },
  );
