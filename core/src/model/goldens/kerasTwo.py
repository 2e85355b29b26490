"""Small models saved by Keras 2 itself, with what they compute and how their training goes on, for model/kerasTwo.test.ts.

Run with Python 3.11 and tensorflow_cpu 2.21, once for each of the two ways in which Keras 2 kept an optimizer's state:
    python kerasTwo.py 2.6            the optimizers up to TensorFlow 2.10, which TensorFlow still holds (tensorflow.python.keras)
    python kerasTwo.py 2.15 FOLDER    those since 2.11; FOLDER holds `keras`, the tag v2.15.0 of github.com/keras-team/keras,
                                      its protobuf/*.proto compiled by protoc, `applications` taken out of __init__.py
Writes keras2.6.zip or keras2.15.zip, which hold *.h5, *.keras and cases.json. Numbers are seeded.
"""

import json
import os
import sys
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
version = sys.argv[1]
if version == "2.15":
    sys.path.insert(0, sys.argv[2])
import numpy as np
import tensorflow.compat.v2 as tf

if version == "2.15":
    tf.__internal__.register_load_context_function = lambda function: None  # gone from TensorFlow since
    import keras
    from keras import layers

    from keras.saving import saving_lib

    saving_lib.keras.__version__ = "2.15.0"
    from keras.optimizers import adadelta, adafactor, adagrad, adam, adamax, adamw, ftrl, lion, nadam, rmsprop, sgd
    from keras.optimizers.schedules import learning_rate_schedule as schedules
else:
    from tensorflow.python import keras
    from tensorflow.python.distribute import input_lib
    from tensorflow.python.keras import layers, models
    from tensorflow.python.keras.optimizer_v2 import adadelta, adagrad, adam, adamax, ftrl, rmsprop
    from tensorflow.python.keras.optimizer_v2 import gradient_descent as sgd
    from tensorflow.python.keras.optimizer_v2 import learning_rate_schedule as schedules

    keras.__version__ = "2.6.0"
    input_lib.DistributedDatasetInterface = ()  # renamed in TensorFlow since
    keras.Sequential, keras.Model = models.Sequential, models.Model
    keras.Input = layers.Input

target = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"keras{version}.zip")
folder = tempfile.TemporaryDirectory()
cases = {}


def normalization():
    """Not trained, for else the bias before it had no gradient but what rounding leaves; TensorFlow's remains of 2.6 have none."""
    return layers.BatchNormalization(trainable=False) if version == "2.15" else layers.LeakyReLU(0.2)


def rounded(x):
    return np.asarray(x, "float64").round(7).tolist()


def path(name, ending):
    return os.path.join(folder.name, f"{name}.{ending}")


endings = ("h5", "keras") if version == "2.15" else ("h5",)


def computes(name, model, tokens=0, formats=endings):
    model.set_weights([np.abs(value) + 0.5 if "variance" in weight.name or "gamma" in weight.name else value for weight in model.weights for value in [np.random.uniform(-0.5, 0.5, weight.shape)]])
    inputs = []
    for tensor in model.inputs:
        shape = [3] + [size or 5 for size in tensor.shape[1:]]
        inputs.append(np.random.randint(0, tokens, shape).astype("float32") if tokens else np.random.uniform(-1, 1, shape).round(4).astype("float32"))
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    for ending in formats:
        model.save(path(name, ending))
    cases[name] = {"formats": list(formats), "inputs": [rounded(x) for x in inputs], "outputs": [rounded(y) for y in (outputs if isinstance(outputs, list) else [outputs])]}


def trained(name, optimizer, formats=("h5",)):
    np.random.seed(3)
    start = keras.Input((4,))
    frozen = layers.Dense(3, name="frozen")
    x = layers.Concatenate()([layers.Dense(4, activation="tanh", name="second")(start), frozen(start)])
    inner = keras.Sequential([keras.Input((7,)), layers.Dense(5, activation="relu", name="dense"), normalization()], name="inner")
    model = keras.Model(start, layers.Dense(2, name="first")(inner(x)))
    frozen.trainable = False
    model.set_weights([np.abs(value) + 0.5 if "variance" in weight.name or "gamma" in weight.name else value for weight in model.weights for value in [np.random.uniform(-0.8, 0.8, weight.shape)]])
    model.compile(optimizer=optimizer, loss="mse", run_eagerly=name == "nadam")  # in a graph it counts its product wrong
    x = np.random.uniform(-1, 1, (8, 4)).round(4).astype("float32")
    y = np.random.uniform(0, 1, (8, 2)).round(4).astype("float32")
    for _ in range(3):
        model.train_on_batch(x, y)
    for ending in formats:
        model.save(path(name, ending))
    losses = [float(np.ravel(model.train_on_batch(x, y))[0]) for _ in range(4)]
    cases[name] = {"formats": list(formats), "train": {"x": rounded(x), "y": rounded(y), "iterations": 3, "losses": losses, "after": rounded(model.predict(x, verbose=0))}}


np.random.seed(7)
trained("adam", adam.Adam(0.02), endings)
trained("amsgrad", adam.Adam(0.02, amsgrad=True, clipnorm=1.0))
trained("sgd", sgd.SGD(0.1), endings)
trained("momentum", sgd.SGD(schedules.ExponentialDecay(0.2, 3, 0.5, staircase=True), momentum=0.8, nesterov=True))
trained("rmsprop", rmsprop.RMSprop(0.01))
trained("centered", rmsprop.RMSprop(0.01, momentum=0.5, centered=True), endings)
trained("adagrad", adagrad.Adagrad(0.1))
trained("adadelta", adadelta.Adadelta(0.5))
trained("adamax", adamax.Adamax(0.02))
trained("ftrl", ftrl.Ftrl(0.1, l1_regularization_strength=0.01))
if version == "2.15":
    trained("nadam", nadam.Nadam(0.02), endings)
    trained("adamw", adamw.AdamW(0.02, weight_decay=0.01))
    trained("lion", lion.Lion(0.01))
    trained("adafactor", adafactor.Adafactor(0.02), endings)
    trained("average", sgd.SGD(0.1, momentum=0.5, use_ema=True, ema_momentum=0.9), endings)

if version == "2.15":
    computes("dense", keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="elu"), layers.BatchNormalization(), layers.Dropout(0.3), layers.LeakyReLU(0.1), layers.Dense(5, activation="hard_sigmoid"), layers.ThresholdedReLU(0.3), layers.Dense(3, activation="softmax", use_bias=False)]))
    computes("convolutions", keras.Sequential([keras.Input((8, 8, 2)), layers.Conv2D(3, 3, padding="same", strides=2, activation="relu"), layers.Conv2DTranspose(2, 3, strides=2, padding="same"), layers.DepthwiseConv2D(3), layers.SeparableConv2D(3, 2), layers.ZeroPadding2D(1), layers.MaxPooling2D(2), layers.UpSampling2D(2, interpolation="bilinear"), layers.GlobalAveragePooling2D()]))
    computes("recurrent", keras.Sequential([keras.Input((5, 3)), layers.LSTM(3, return_sequences=True), layers.GRU(3, return_sequences=True), layers.SimpleRNN(3, return_sequences=True), layers.Bidirectional(layers.LSTM(2, return_sequences=True)), layers.TimeDistributed(layers.Dense(2)), layers.GRU(2, reset_after=False)]))
    computes("masks", keras.Sequential([keras.Input((5,)), layers.Embedding(6, 4, mask_zero=True), layers.LSTM(3, return_sequences=True), layers.GRU(2)]), tokens=3)
    one, two = keras.Input((6, 4), name="one"), keras.Input((6, 4), name="two")
    joined = layers.MultiHeadAttention(2, 3, name="heads")(one, two)
    shared = layers.Dense(4, name="shared")
    flat = layers.Flatten()(layers.Add()([shared(joined), shared(one)]))
    flat = tf.nn.softmax(1.0 - tf.reduce_mean(tf.reshape(flat * 2.0, (-1, 6, 4)), axis=1) / 3.0)
    computes("graph", keras.Model([one, two], [layers.Dense(2, name="left")(flat), layers.LayerNormalization()(flat)]))

with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    archive.writestr("cases.json", json.dumps(cases))
    for name in sorted(os.listdir(folder.name)):
        archive.write(os.path.join(folder.name, name), name)
