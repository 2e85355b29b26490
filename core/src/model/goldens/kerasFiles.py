"""Small models saved by Keras itself, with inputs and outputs, for model/kerasFiles.test.ts.

Run with Keras 3.15 and its PyTorch backend, from this folder:
    KERAS_BACKEND=torch python kerasFiles.py
Writes keras.zip, which holds *.keras, *.h5, *.weights.h5 and cases.json. Numbers are seeded.
"""

import io
import json
import os
import tempfile
import zipfile

import keras
import numpy as np
from keras import layers, ops

target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras.zip")
folder = tempfile.TemporaryDirectory()
here = folder.name
cases = {}


def randomized(model):
    """Weights that are not the initial ones, so that an order that is wrong shows; variances stay positive."""
    for weight in model.weights:
        value = np.random.uniform(-0.5, 0.5, weight.shape)
        name = weight.path.split("/")[-1]
        weight.assign(np.abs(value) + 0.5 if any(word in name for word in ("variance", "gamma", "stddev")) else value)
    return model


def rounded(x):
    return np.asarray(x, "float64").round(7).tolist()


def inputs_for(model, tokens=0):
    made = []
    for tensor in model.inputs:
        shape = [3] + [size or 5 for size in tensor.shape[1:]]
        integers = "int" in tensor.dtype or tokens
        made.append(np.random.randint(0, tokens or 5, shape).astype("float32") if integers else np.random.uniform(-1, 1, shape).round(4).astype("float32"))
    return made


def outputs_of(model, x):
    result = model.predict(x if len(x) > 1 else x[0], verbose=0)
    if isinstance(result, dict):
        return {name: rounded(value) for name, value in result.items()}
    return [rounded(value) for value in (result if isinstance(result, (list, tuple)) else [result])]


def save(name, model, tokens=0, formats=("keras",), fresh=True, more=None):
    if fresh:
        randomized(model)
    x = inputs_for(model, tokens)
    for ending in formats:
        path = os.path.join(here, f"{name}.{ending}")
        if ending == "weights.h5":
            model.save_weights(path)
        else:
            model.save(path)
    cases[name] = {"formats": list(formats), "inputs": [rounded(each) for each in x], "outputs": outputs_of(model, x), **(more or {})}


def chain(shape, *stack, **kwargs):
    x = start = keras.Input(shape, **kwargs)
    for layer in stack:
        x = layer(x)
    return keras.Model(start, x)


keras.utils.set_random_seed(7)
everything = ("keras", "h5")

save("sequential", keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="leaky_relu", kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02)), layers.BatchNormalization(), layers.Dropout(0.3), layers.Dense(3, activation="softmax", use_bias=False, kernel_constraint="max_norm")]), formats=("keras", "h5", "weights.h5"))
save("convolutions", chain((8, 8, 2), layers.Conv2D(3, 3, padding="same", strides=2, activation="relu"), layers.Conv2DTranspose(2, 3, strides=2, padding="same"), layers.DepthwiseConv2D(3, depth_multiplier=2), layers.SeparableConv2D(3, 2, dilation_rate=2), layers.ZeroPadding2D(((1, 0), (0, 2))), layers.Cropping2D(1), layers.MaxPooling2D(2), layers.UpSampling2D(2, interpolation="bilinear"), layers.SpatialDropout2D(0.2), layers.GlobalAveragePooling2D()), formats=everything)
save("steps", chain((9, 3), layers.Conv1D(4, 3, padding="causal", groups=1), layers.ZeroPadding1D(2), layers.Cropping1D((1, 0)), layers.Conv1DTranspose(3, 2, strides=2), layers.DepthwiseConv1D(2), layers.SeparableConv1D(2, 3), layers.UpSampling1D(2), layers.AveragePooling1D(2, padding="same"), layers.AdaptiveAveragePooling1D(4), layers.GlobalMaxPooling1D(keepdims=True)))
save("volumes", chain((4, 4, 4, 1), layers.Conv3D(2, 2), layers.Conv3DTranspose(1, 2), layers.MaxPooling3D(2), layers.UpSampling3D(2), layers.ZeroPadding3D(1), layers.Cropping3D(1), layers.GlobalMaxPooling3D()))
save("recurrent", chain((5, 3), layers.LSTM(3, return_sequences=True, unit_forget_bias=False), layers.GRU(3, return_sequences=True, reset_after=False), layers.GRU(2, return_sequences=True), layers.SimpleRNN(3, return_sequences=True, go_backwards=True), layers.Bidirectional(layers.LSTM(2, return_sequences=True), merge_mode="sum"), layers.RNN(layers.StackedRNNCells([layers.LSTMCell(3), layers.GRUCell(2)]), return_sequences=True), layers.TimeDistributed(layers.Dense(2)), layers.Bidirectional(layers.GRU(2))), formats=everything)
save("normalizations", chain((4, 6), layers.LayerNormalization(epsilon=1e-5), layers.GroupNormalization(3), layers.RMSNormalization(), layers.BatchNormalization(axis=1, scale=False), layers.UnitNormalization(), layers.SpectralNormalization(layers.Dense(4))))
save("activations", chain((3, 4), layers.PReLU(shared_axes=[1]), layers.ReLU(max_value=2.0, negative_slope=0.1, threshold=0.2), layers.LeakyReLU(0.2), layers.ELU(0.7), layers.Activation("gelu"), layers.Activation(keras.activations.hard_silu), layers.GaussianNoise(0.1), layers.GaussianDropout(0.1), layers.AlphaDropout(0.1), layers.ActivityRegularization(0.1), layers.Identity(), layers.Softmax(axis=1)))
save("reshaping", chain((4, 6), layers.Permute((2, 1)), layers.Reshape((3, -1)), layers.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d", activation="tanh"), layers.Flatten(), layers.RepeatVector(2), layers.Masking(), layers.GlobalAveragePooling1D()))

# Attention, with and without a causal mask.
x = keras.Input((4, 6))
y = layers.MultiHeadAttention(2, 3, value_dim=2)(x, x, use_causal_mask=True)
y = layers.GroupQueryAttention(3, 4, 2)(y, x)
z = layers.Attention(use_scale=True, score_mode="concat")([y, x])
z = layers.AdditiveAttention()([z, x, y])
save("attention", keras.Model(x, layers.Add()([z, y])), formats=everything)

x = keras.Input((4, 3, 6))
y = layers.MultiHeadAttention(2, 3, attention_axes=[2], use_gate=True)(x, x)
z = layers.MultiHeadAttention(2, 2, sliding_window=3, attention_axes=1)(y, x)
y = layers.BatchNormalization(renorm=True, renorm_clipping={"rmax": 3, "dmax": 1}, renorm_momentum=0.9)(layers.Add()([z, y]))
y = layers.Reshape((12, 6))(y)
save("attentionOptions", keras.Model(x, layers.GroupQueryAttention(3, 4, 2, sliding_window=2, use_gate=True)(y, y)))

# Masks: recorded by Keras as operations beside the layers.
x = keras.Input((5,))
e = layers.Embedding(6, 4, mask_zero=True)(x)
a = layers.MultiHeadAttention(2, 2)(e, e)
l = layers.LSTM(3, return_sequences=True)(a)
out = layers.Concatenate()([layers.Bidirectional(layers.GRU(2))(l), layers.GlobalAveragePooling1D()(e), layers.GlobalMaxPooling1D()(e)])
save("masks", keras.Model(x, out), tokens=3)
save("maskedChain", keras.Sequential([keras.Input((5,), dtype="int32"), layers.Embedding(6, 4, mask_zero=True), layers.LSTM(3, return_sequences=True), layers.Conv1D(2, 2), layers.Flatten(), layers.Dense(2)]), tokens=3, formats=everything)

# Shared layers, nested models, several inputs and outputs, operations on tensors.
left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
shared = layers.Dense(4, activation="relu", name="shared")
inner = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.BatchNormalization()], name="inner")
deep_in = keras.Input((4,))
deep = keras.Model(deep_in, {"b": layers.Dense(2)(deep_in), "a": inner(layers.Dense(8)(deep_in))}, name="deep")
joined = inner(layers.Concatenate()([shared(left), shared(right)]))
first, second = deep(joined), deep(layers.Subtract()([shared(left), joined]))
tail = ops.relu(first["a"]) * 2.0 - 1.0
tail = (1.0 - tail) / 3.0
sliced = ops.expand_dims(tail[:, 1:3], -1)
summed = ops.mean(ops.reshape(sliced, (-1, 2)), axis=1, keepdims=True)
graph = keras.Model([left, right], {"score": layers.Dense(1, name="score")(second["b"]), "class": layers.Dense(3, activation="softmax", name="class")(second["a"]), "sum": summed, "dot": layers.Dot(1)([first["b"], second["b"]])})
save("graph", graph, formats=everything)

# A generator of sentences: states go from one recurrent layer to another.
source, goal = keras.Input((4, 3), name="source"), keras.Input((5, 3), name="goal")
_, h, c = layers.LSTM(4, return_state=True)(source)
decoded = layers.LSTM(4, return_sequences=True)(goal, initial_state=[h, c])
save("states", keras.Model([source, goal], layers.TimeDistributed(layers.Dense(2))(decoded)), formats=everything)

# Merging layers, each.
a, b = keras.Input((3, 4)), keras.Input((3, 4))
merged = [cls()([a, b]) for cls in (layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)]
save("merging", keras.Model([a, b], layers.Concatenate(axis=1)(merged + [layers.Dot(axes=(2, 2))([a, b]) @ b])))


# Statistics and numbers: what Keras computes without TensorFlow.
statistics = layers.Normalization()
statistics.adapt(np.random.uniform(-2, 3, (20, 4)))
save("statistics", chain((4,), statistics, layers.Rescaling(0.5, offset=0.1), layers.Normalization(mean=[0.1, 0.2, 0.3, 0.4], variance=[2.0, 1.0, 1.5, 0.5], invert=True)), fresh=False)
save("bins", chain((3,), layers.Discretization(bin_boundaries=[-0.5, 0.0, 0.5])), fresh=False)
tokens = keras.Input((4,), dtype="int32")
save("categories", keras.Model(tokens, layers.CategoryEncoding(5, output_mode="multi_hot")(tokens)), fresh=False)


# Trained models: the state of the optimizer, and what the next steps give.
def trained(name, optimizer, loss, metrics, formats):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(5, activation="tanh"), layers.BatchNormalization(trainable=False), layers.Dense(3, activation="softmax" if "categorical" in str(loss) else None)])
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    x = np.random.uniform(-1, 1, (8, 4)).round(4).astype("float32")
    y = np.random.randint(0, 3, 8) if "sparse" in str(loss) else np.random.uniform(0, 1, (8, 3)).round(4).astype("float32")
    for _ in range(3):
        model.train_on_batch(x, y)
    for ending in formats:
        model.save(os.path.join(here, f"{name}.{ending}"))
    evaluated = model.evaluate(x, y, verbose=0, return_dict=True)
    iterations = int(model.optimizer._iterations)
    losses = []
    for _ in range(4):
        losses.append(float(np.ravel(model.train_on_batch(x, y))[0]))
        model.reset_metrics()
    cases[name] = {"formats": list(formats), "train": {"x": rounded(x), "y": rounded(y), "evaluated": evaluated, "losses": losses, "iterations": iterations, "after": rounded(model.predict(x, verbose=0))}}


O = keras.optimizers
trained("adam", O.Adam(0.02, amsgrad=True), "sparse_categorical_crossentropy", ["accuracy"], everything)
trained("sgd", O.SGD(O.schedules.ExponentialDecay(0.2, 3, 0.5, staircase=True), momentum=0.8, nesterov=True), keras.losses.MeanSquaredError(), ["mae", keras.metrics.RootMeanSquaredError(name="distance")], everything)
trained("rmsprop", O.RMSprop(0.01, momentum=0.5, centered=True, clipnorm=1.0), keras.losses.CategoricalCrossentropy(label_smoothing=0.1), [keras.metrics.TopKCategoricalAccuracy(k=2)], everything)
for name, optimizer in [("adamw", O.AdamW(0.02, weight_decay=0.01)), ("adagrad", O.Adagrad(0.1)), ("adadelta", O.Adadelta(0.5)), ("adamax", O.Adamax(0.02)), ("nadam", O.Nadam(0.02)), ("ftrl", O.Ftrl(0.1)), ("lion", O.Lion(0.01)), ("lamb", O.Lamb(0.02)), ("adafactor", O.Adafactor(0.02)), ("muon", O.Muon(0.02)), ("average", O.SGD(0.1, momentum=0.5, use_ema=True, ema_momentum=0.9, gradient_accumulation_steps=2))]:
    trained(name, optimizer, "mse", None, ("keras",))
# Several optimizers by patterns of paths; in the second, the one for the rest moves nothing, and one has two patterns.
several = lambda rest, parts: O.MultiOptimizer(O.OptimizerMap(rest, parts))
trained("multi", several(O.Adam(0.02), {".*bias": O.SGD(0.1, momentum=0.9)}), "mse", None, ("keras",))
fall = O.RMSprop(O.schedules.ExponentialDecay(0.05, 2, 0.5), use_ema=True)
trained("multiAll", several(O.Nadam(0.02), {"(?:.*/)?dense_?[0-9]*/kernel": fall, ".*[^z]ias": O.Lion(0.01), ".*gamma": fall}), "mse", None, ("keras",))

# A file of bfloat16 weights, and one whose numbers are packed.
half = keras.Sequential([keras.Input((4,)), layers.Dense(3, dtype="bfloat16")])
randomized(half)
half.save_weights(os.path.join(here, "bfloat16.weights.h5"))
cases["bfloat16"] = {"formats": [], "kernel": rounded(ops.cast(half.layers[0].kernel, "float32").detach().cpu().numpy())}

original = zipfile.ZipFile(os.path.join(here, "sequential.keras"))
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    for info in original.infolist():
        archive.writestr(info.filename, original.read(info))
open(os.path.join(here, "packed.keras"), "wb").write(packed.getvalue())


@keras.saving.register_keras_serializable(package="mine")
class Scaled(layers.Layer):
    def __init__(self, start_factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.start_factor = start_factor
        self.inner_dense = layers.Dense(2)

    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")
        self.inner_dense.build(shape)

    def call(self, x):
        return self.inner_dense(x * self.factor)

    def get_config(self):
        return {**super().get_config(), "start_factor": self.start_factor}


save("custom", chain((3,), Scaled(2.0), layers.Dense(2)))
unsafe = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x * 2)])
unsafe.save(os.path.join(here, "lambda.keras"))

with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    archive.writestr("cases.json", json.dumps(cases))
    for name in sorted(os.listdir(here)):
        archive.write(os.path.join(here, name), name)
