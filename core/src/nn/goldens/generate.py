"""Writes keras.json: what Keras 3 (JAX) says about losses, metrics, batch normalization and optimizers.

    KERAS_BACKEND=jax python generate.py        (Keras 3.15, JAX on the CPU)

Layout: losses [{ name, options, yTrue, yPred, sampleWeight?, value }], metrics [{ name, batches: [{ yTrue, yPred }], value }],
optimizers [{ name, options, start, gradients, values }] (the weights after each step), batchNormalization { options, batches,
outputs, movingMean, movingVariance, inference }.
"""

import json
from pathlib import Path

import keras
import numpy as np

random = np.random.default_rng(7)
round6 = lambda x: np.round(x, 3).astype("float32")
listed = lambda x: np.asarray(x, "float64").tolist()


def softmax(x):
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


logits = round6(random.normal(size=(6, 4)) * 2)
probabilities = round6(softmax(logits))
unnormalised = round6(random.uniform(0.1, 3, size=(6, 4)))
hard = np.array([[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0], [1, 1, 0, 0]], "float32")
labels = np.array([0, 1, 2, 3, 0, 1])
onehot = np.eye(4, dtype="float32")[labels]
soft = round6(softmax(random.normal(size=(6, 4))))
binary = (random.uniform(size=(6, 1)) > 0.5).astype("float32")
chance = round6(random.uniform(size=(6, 1)))
extreme = np.array([[0], [1], [1], [0], [0.5], [1e-9]], "float32")
real = round6(random.normal(size=(6, 3)))
other = round6(random.normal(size=(6, 3)))
weights = round6(random.uniform(0, 2, size=6))
sequence = round6(softmax(random.normal(size=(3, 2, 4))))
sequence_labels = random.integers(0, 4, size=(3, 2))
sequence_weights = round6(random.uniform(0, 2, size=3))

classes = {
    "sparseCategoricalCrossentropy": keras.losses.SparseCategoricalCrossentropy,
    "categoricalCrossentropy": keras.losses.CategoricalCrossentropy,
    "binaryCrossentropy": keras.losses.BinaryCrossentropy,
    "meanSquaredError": keras.losses.MeanSquaredError,
    "meanAbsoluteError": keras.losses.MeanAbsoluteError,
}
snake = {"fromLogits": "from_logits", "labelSmoothing": "label_smoothing"}


def loss(name, true, predicted, weights=None, **options):
    made = classes[name](**{snake[key]: value for key, value in options.items()})
    value = float(made(true, predicted, sample_weight=weights))
    entry = {"name": name, "options": options, "yTrue": listed(true), "yPred": listed(predicted), "value": value}
    return entry if weights is None else {**entry, "sampleWeight": listed(weights)}


sparse, categorical, two = "sparseCategoricalCrossentropy", "categoricalCrossentropy", "binaryCrossentropy"
losses = [
    loss(sparse, labels, probabilities),
    loss(sparse, labels[:, None], probabilities),
    loss(sparse, labels, unnormalised),
    loss(sparse, labels, hard[[1, 2, 0, 3, 0, 5]]),
    loss(sparse, labels, logits, fromLogits=True),
    loss(sparse, labels, probabilities, weights),
    loss(sparse, sequence_labels, sequence),
    loss(sparse, labels, logits * 40, fromLogits=True),
    loss(categorical, onehot, probabilities),
    loss(categorical, soft, unnormalised),
    loss(categorical, onehot, logits, fromLogits=True),
    loss(categorical, onehot, probabilities, labelSmoothing=0.2),
    loss(categorical, onehot, logits, weights, fromLogits=True, labelSmoothing=0.1),
    loss(two, binary, chance),
    loss(two, binary, extreme),
    loss(two, binary[:, 0], chance),
    loss(two, binary, logits[:, :1], fromLogits=True),
    loss(two, binary, logits[:, :1] * 40, fromLogits=True),
    loss(two, binary, chance, labelSmoothing=0.3),
    loss(two, onehot, probabilities, weights),
    loss("meanSquaredError", real, other),
    loss("meanSquaredError", real, other, weights),
    loss("meanSquaredError", real[:, 0], other[:, :1]),
    loss("meanAbsoluteError", real, other),
    loss("meanAbsoluteError", real[:, 0], other[:, :1], weights),
]


def metric(name, *batches):
    """`accuracy` goes through compile, which chooses its kind."""
    if name == "accuracy":
        inputs = keras.Input(batches[0][1].shape[1:])
        model = keras.Model(inputs, keras.layers.Identity()(inputs))
        model.compile(loss="mse", metrics=["accuracy"])
        rows = [np.concatenate([b[i] for b in batches]) for i in (0, 1)]
        model.compute_loss = lambda **_: keras.ops.zeros(())
        model._compile_metrics.build(rows[0], rows[1])
        for true, predicted in batches:
            model._compile_metrics.update_state(true, predicted)
        value = float(model._compile_metrics.result()["accuracy"])
    else:
        made = {
            "binaryAccuracy": keras.metrics.BinaryAccuracy,
            "categoricalAccuracy": keras.metrics.CategoricalAccuracy,
            "sparseCategoricalAccuracy": keras.metrics.SparseCategoricalAccuracy,
            "meanSquaredError": keras.metrics.MeanSquaredError,
            "meanAbsoluteError": keras.metrics.MeanAbsoluteError,
        }[name]()
        for true, predicted in batches:
            made.update_state(true, predicted)
        value = float(made.result())
    return {"name": name, "batches": [{"yTrue": listed(t), "yPred": listed(p)} for t, p in batches], "value": value}


halves = lambda t, p: ((t[:4], p[:4]), (t[4:], p[4:]))
metrics = [
    metric("accuracy", *halves(binary, chance)),
    metric("accuracy", *halves(binary[:, 0], chance)),
    metric("accuracy", *halves(labels, probabilities)),
    metric("accuracy", *halves(labels[:, None], probabilities)),
    metric("accuracy", *halves(onehot, probabilities)),
    metric("accuracy", (sequence_labels, sequence)),
    metric("binaryAccuracy", *halves(onehot, probabilities)),
    metric("binaryAccuracy", (np.array([[0.0], [1.0]]), np.array([[0.5], [0.5]]))),
    metric("categoricalAccuracy", *halves(soft, unnormalised)),
    metric("sparseCategoricalAccuracy", *halves(labels, unnormalised)),
    metric("meanSquaredError", *halves(real, other)),
    metric("meanAbsoluteError", *halves(real, other)),
]

optimizers_by_name = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
}
names = {
    "learningRate": "learning_rate",
    "beta1": "beta_1",
    "beta2": "beta_2",
    "globalClipNorm": "global_clipnorm",
    "clipNorm": "clipnorm",
    "clipValue": "clipvalue",
    "weightDecay": "weight_decay",
}
start = [round6(random.normal(size=4)), round6(random.normal(size=2))]
gradients = [[round6(random.normal(size=4)), round6(random.normal(size=2))] for _ in range(5)]
gradients[2] = [np.zeros(4, "float32"), round6(np.array([30.0, -40.0]))]


def optimizer(name, **options):
    made = optimizers_by_name[name](**{names.get(key, key): value for key, value in options.items()})
    variables = [keras.Variable(value) for value in start]
    values = []
    for step in gradients:
        made.apply([keras.ops.convert_to_tensor(g) for g in step], variables)
        values.append([listed(v) for v in variables])
    return {"name": name, "options": options, "values": values}


optimizers = [
    optimizer("sgd"),
    optimizer("sgd", learningRate=0.1, momentum=0.9),
    optimizer("sgd", learningRate=0.1, momentum=0.9, nesterov=True),
    optimizer("sgd", learningRate=0.1, weightDecay=0.05),
    optimizer("sgd", learningRate=0.1, clipValue=0.5),
    optimizer("sgd", learningRate=0.1, clipNorm=1.0),
    optimizer("sgd", learningRate=0.1, globalClipNorm=1.0),
    optimizer("rmsprop"),
    optimizer("rmsprop", learningRate=0.01, rho=0.8, momentum=0.5),
    optimizer("rmsprop", learningRate=0.01, centered=True),
    optimizer("rmsprop", learningRate=0.01, centered=True, momentum=0.9, epsilon=1e-3, clipNorm=0.7),
    optimizer("adam"),
    optimizer("adam", learningRate=0.1, beta1=0.8, beta2=0.9, epsilon=1e-3),
    optimizer("adam", learningRate=0.1, weightDecay=0.1, globalClipNorm=2.0),
    optimizer("adamw"),
    optimizer("adamw", learningRate=0.05, weightDecay=0.2),
]

bn_options = {"momentum": 0.8, "epsilon": 0.01}
layer = keras.layers.BatchNormalization(**bn_options)
batches = [round6(random.normal(size=(3, 2, 2)) * 2 + 1) for _ in range(3)]
outputs = [listed(layer(batch, training=True)) for batch in batches]
batch_normalization = {
    "options": bn_options,
    "batches": [listed(batch) for batch in batches],
    "outputs": outputs,
    "movingMean": listed(layer.moving_mean),
    "movingVariance": listed(layer.moving_variance),
    "inference": listed(layer(batches[0], training=False)),
}
norm = keras.layers.LayerNormalization()
layer_normalization = {"x": listed(real), "output": listed(norm(real))}

golden = {
    "losses": losses,
    "metrics": metrics,
    "optimizers": {"start": [listed(s) for s in start], "gradients": [[listed(g) for g in step] for step in gradients], "runs": optimizers},
    "batchNormalization": batch_normalization,
    "layerNormalization": layer_normalization,
}
shorten = lambda value: (
    {k: shorten(v) for k, v in value.items()}
    if isinstance(value, dict)
    else [shorten(v) for v in value]
    if isinstance(value, list)
    else float(f"{value:.8g}")
    if isinstance(value, float)
    else value
)
Path(__file__).with_name("keras.json").write_text(json.dumps(shorten(golden), separators=(",", ":")) + "\n")
