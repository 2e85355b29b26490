import { type Functional, jit, layers, model, optimizers, type SymbolicTensor, type Tensor } from "chainrule";
import { labels, uniform } from "./data.ts";
import { trainingOf } from "./training.ts";
import type { Case, Repetition, Workload } from "./workload.ts";

export const resnetParameters = 11_173_962;

const normalizedConv = (x: SymbolicTensor, filters: number, size: number, strides: number): SymbolicTensor =>
  layers.batchNormalization()(layers.conv2d(filters, size, { strides, padding: "same", useBias: false })(x));

/** Two 3×3 convolutions and the way around them, projected where the shape changes (He et al. 2016). */
function block(x: SymbolicTensor, filters: number, strides: number): SymbolicTensor {
  const first = layers.activation("relu")(normalizedConv(x, filters, 3, strides));
  const second = normalizedConv(first, filters, 3, 1);
  const around = strides === 1 && x.shape.at(-1) === filters ? x : normalizedConv(x, filters, 1, strides);
  return layers.activation("relu")(layers.add()([second, around]));
}

/** ResNet-18 for images of 32×32: a 3×3 stem without pooling, 10 classes. */
export function resnet(): Functional {
  const image = layers.input([32, 32, 3]);
  let x = layers.activation("relu")(normalizedConv(image, 64, 3, 1));
  for (const [filters, strides] of [
    [64, 1],
    [128, 2],
    [256, 2],
    [512, 2],
  ] as const) {
    x = block(block(x, filters, strides), filters, 1);
  }
  return model(image, layers.dense(10)(layers.globalAveragePooling2d()(x)));
}

function checked(): Functional {
  const made = resnet();
  const count = made.trainableVariables.reduce((sum, { size }) => sum + size, 0);
  if (count !== resnetParameters) throw new Error(`ResNet-18 has ${count} parameters, not ${resnetParameters}`);
  return made;
}

async function predicting(batch: number): Promise<Repetition> {
  const net = checked();
  const predict = jit((x: Tensor) => net(x, { training: false }), { name: "predict" });
  const images = uniform([batch, 32, 32, 3]);
  return () => predict(images).data();
}

const predict = (batch: number): Case => ({
  name: `W4 predict ${batch}`,
  unit: "examples/s",
  amount: batch,
  prepare: () => predicting(batch),
});

export const W4: Workload = {
  title: "ResNet-18 on 32×32×3, batch 32, SGD with momentum",
  cases: [
    {
      name: "W4 train",
      unit: "examples/s",
      amount: 32,
      prepare: async () =>
        trainingOf(checked(), optimizers.sgd({ learningRate: 0.01, momentum: 0.9 }), [
          uniform([32, 32, 32, 3]),
          labels([32], 10),
        ]),
    },
    predict(32),
    predict(1),
  ],
};
