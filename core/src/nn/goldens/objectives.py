"""Writes objectives.json: what Keras 3 (JAX) says about every loss (values, reductions, gradients) and metric.

    KERAS_BACKEND=jax python objectives.py        (Keras 3.15, JAX on the CPU)

Layout: losses [{ name, options, yTrue, yPred, sampleWeight?, mask?, single?, value, gradient }] where gradient is that of the sum of
value by yPred, and `single` tells what f64 would not give; metrics [{ name, arguments, options, batches: [{ yTrue, yPred, sampleWeight? }], value }].
"""

import json
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import keras
import numpy as np

# At its limits, the derivative of clip is 1 in PyTorch and TensorFlow, and a half in JAX: ours is 1.
keras.src.backend.numpy.clip = lambda x, low, high: jnp.where(x < low, low, jnp.where(x > high, high, x))

random = np.random.default_rng(11)
rounded = lambda x: np.round(x, 3).astype("float32")


def listed(x):
    """Nine significant digits tell every f32 from its neighbours."""
    x = np.asarray(x)
    return [listed(part) for part in x] if x.ndim > 0 else float(f"{float(x):.9g}")


snake = lambda name: re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)


def softmax(x):
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


batch, classes = 6, 4
logits = rounded(random.normal(size=(batch, classes)) * 2)
probabilities = rounded(softmax(random.normal(size=(batch, classes))))
labels = np.array([0, 1, 2, 3, 0, 1])
onehot = np.eye(classes, dtype="float32")[labels]
soft = rounded(softmax(random.normal(size=(batch, classes))))
bits = (random.uniform(size=(batch, 3)) > 0.5).astype("float32")
chances = rounded(random.uniform(0.02, 0.98, size=(batch, 3)))
real, other = rounded(random.normal(size=(batch, 3))), rounded(random.normal(size=(batch, 3)))
positive, counts = rounded(random.uniform(0.1, 3, size=(batch, 3))), random.integers(0, 5, size=(batch, 3)).astype("float32")
weights = rounded(random.uniform(0, 2, size=batch))
mask = np.array([1, 0, 1, 1, 0, 1], bool)
sequence = rounded(random.normal(size=(3, 2, classes)))
sequence_labels = np.array([[1, 3], [3, 0], [2, 3]])
sequence_mask = np.array([[1, 1], [1, 0], [1, 1]], bool)
sequence_weights = rounded(random.uniform(0, 2, size=(3, 2)))
images, masks = rounded(random.uniform(size=(2, 3, 3, 1))), (random.uniform(size=(2, 3, 3, 1)) > 0.5).astype("float32")
embeddings = random.normal(size=(batch, 5))
embeddings = (embeddings / np.linalg.norm(embeddings, axis=-1, keepdims=True)).astype("float32")
frames = rounded(random.normal(size=(4, 7, 5)))
texts = np.array([[1, 2, 0, 0], [3, 3, 1, 0], [4, 0, 0, 0], [1, 2, 3, 4]])

classes_by_name = {
    "categoricalGeneralizedCrossEntropy": "CategoricalGeneralizedCrossEntropy",
    "klDivergence": "KLDivergence",
    "ctc": "CTC",
}
class_of = lambda name: classes_by_name.get(name, name[0].upper() + name[1:])
values = {"sumOverBatchSize": "sum_over_batch_size", "meanWithSampleWeight": "mean_with_sample_weight", "varianceWeightedAverage": "variance_weighted_average"}


def translated(options):
    return {snake(key): values.get(value, value) if isinstance(value, str) else value for key, value in options.items()}


def loss(name, true, predicted, weights=None, mask=None, **options):
    made = getattr(keras.losses, class_of(name))(**translated(options))

    def call(p):
        p = jnp.asarray(p)
        per_example = made.call(jnp.asarray(true), p)
        own = keras.src.backend.get_keras_mask(per_example)
        both = own if mask is None else mask if own is None else own & mask
        return keras.src.losses.loss.reduce_weighted_values(per_example, weights, both, made.reduction)

    gradient = jax.grad(lambda p: jnp.sum(call(p)))(jnp.asarray(predicted))
    entry = {"name": name, "options": options, "yTrue": listed(true), "yPred": listed(predicted)}
    if weights is not None:
        entry["sampleWeight"] = listed(weights)
    if mask is not None:
        entry["mask"] = listed(mask)
    return {**entry, "value": listed(call(predicted)), "gradient": listed(gradient)}


losses = [
    loss("meanSquaredError", real, other),
    loss("meanAbsoluteError", real, other),
    loss("meanAbsolutePercentageError", real, other),
    loss("meanSquaredLogarithmicError", positive, counts),
    loss("huber", real, other),
    loss("huber", real, other, delta=0.3),
    loss("logCosh", real, other * 20),
    loss("poisson", counts, positive),
    loss("klDivergence", soft, probabilities),
    loss("cosineSimilarity", real, other),
    loss("cosineSimilarity", real, other, axis=0),
    loss("hinge", bits * 2 - 1, other),
    loss("hinge", bits, other),
    loss("squaredHinge", bits, other),
    loss("categoricalHinge", onehot, probabilities),
    loss("binaryCrossentropy", bits, chances, labelSmoothing=0.1),
    loss("binaryCrossentropy", bits, real, fromLogits=True),
    loss("binaryFocalCrossentropy", bits, chances),
    loss("binaryFocalCrossentropy", bits, real, fromLogits=True, applyClassBalancing=True, alpha=0.3, gamma=1.5),
    loss("categoricalCrossentropy", soft, probabilities, labelSmoothing=0.2),
    loss("categoricalCrossentropy", onehot, logits, fromLogits=True),
    loss("categoricalFocalCrossentropy", onehot, probabilities),
    loss("categoricalFocalCrossentropy", onehot, logits, fromLogits=True, labelSmoothing=0.1, gamma=1.0, alpha=0.5),
    loss("sparseCategoricalCrossentropy", labels, probabilities),
    loss("sparseCategoricalCrossentropy", labels, logits, fromLogits=True, ignoreClass=1),
    loss("sparseCategoricalCrossentropy", sequence_labels, sequence, fromLogits=True, ignoreClass=3),
    loss("sparseCategoricalCrossentropy", sequence_labels, sequence, fromLogits=True, mask=sequence_mask),
    loss("sparseCategoricalCrossentropy", sequence_labels, sequence, sequence_weights, sequence_mask, fromLogits=True, ignoreClass=3),
    loss("categoricalGeneralizedCrossEntropy", labels, probabilities, q=0.7),
    loss("dice", masks, images),
    loss("dice", masks, images, axis=[1, 2, 3]),
    loss("tversky", masks, images, alpha=0.3, beta=0.7),
    loss("tversky", masks, images, axis=[1, 2, 3]),
    loss("circle", labels, embeddings, gamma=8),
    loss("circle", labels, embeddings, gamma=2, margin=0.2, removeDiagonal=False),
    loss("ctc", texts, frames),
    *[
        loss("huber", real, other, w, m, reduction=reduction)
        for reduction in ["sumOverBatchSize", "sum", "mean", "meanWithSampleWeight", "none"]
        for w in [None, weights]
        for m in [None, mask]
    ],
]


def metric(name, batches, arguments=(), kind=None, **options):
    kind = kind or {"auc": "AUC", "iou": "IoU", "klDivergence": "KLDivergence", "logCosh": "LogCoshError", "fBetaScore": "FBetaScore"}.get(name, name[0].upper() + name[1:])
    made = getattr(keras.metrics, kind)(*arguments, **translated(options))
    entries = []
    for true, predicted, *rest in batches:
        weight = rest[0] if rest else None
        made.update_state(true, predicted, sample_weight=weight)
        entry = {"yTrue": listed(true), "yPred": listed(predicted)}
        entries.append(entry if weight is None else {**entry, "sampleWeight": listed(weight)})
    return {"name": name, "arguments": list(arguments), "options": options, "batches": entries, "value": listed(made.result())}


def halves(true, predicted, weights=None):
    parts = (slice(0, 4), slice(4, None))
    arrays = [true, predicted] if weights is None else [true, predicted, weights]
    return [tuple(array[part] for array in arrays) for part in parts if len(true[part]) > 0]


many = 40
truth = (random.uniform(size=many) > 0.6).astype("float32")
score = rounded(np.clip(truth * 0.3 + random.uniform(size=many) * 0.7, 0, 1))
score[:3] = [0, 1, 0.5]
many_weights = rounded(random.uniform(0, 2, size=many))
label_truth, label_score = (random.uniform(size=(20, 3)) > 0.5).astype("float32"), rounded(random.uniform(size=(20, 3)))
map_true, map_said = random.integers(0, 3, size=(4, 5, 5)), random.integers(0, 4, size=(4, 5, 5))
map_onehot, map_scores = np.eye(3, dtype="float32")[map_true], rounded(softmax(random.normal(size=(4, 5, 5, 3))))

pairs = {
    "meanSquaredError": (real, other), "meanAbsoluteError": (real, other), "meanAbsolutePercentageError": (real, other),
    "meanSquaredLogarithmicError": (positive, counts), "rootMeanSquaredError": (real, other), "logCosh": (real, other),
    "poisson": (counts, positive), "klDivergence": (soft, probabilities), "hinge": (bits, other), "squaredHinge": (bits, other),
    "categoricalHinge": (onehot, probabilities), "cosineSimilarity": (real, other), "pearsonCorrelation": (real, other),
    "concordanceCorrelation": (real, other), "r2Score": (real, other), "binaryAccuracy": (bits, chances),
    "categoricalAccuracy": (onehot, probabilities), "sparseCategoricalAccuracy": (labels, probabilities),
    "binaryCrossentropy": (bits, chances), "categoricalCrossentropy": (onehot, probabilities),
    "sparseCategoricalCrossentropy": (labels, probabilities),
}  # fmt: skip
metrics = [
    *[metric(name, halves(*pair)) for name, pair in pairs.items()],
    *[metric(name, halves(*pair, weights)) for name, pair in pairs.items() if name != "rootMeanSquaredError"],
    metric("binaryAccuracy", halves(bits, chances), threshold=0.3),
    metric("topKCategoricalAccuracy", halves(onehot, probabilities), k=2),
    metric("sparseTopKCategoricalAccuracy", halves(labels, probabilities, weights), k=2),
    metric("binaryCrossentropy", halves(bits, real), fromLogits=True, labelSmoothing=0.1),
    metric("r2Score", halves(real, other), classAggregation="varianceWeightedAverage"),
    metric("r2Score", halves(real, other), numRegressors=2),
    *[
        metric(name, halves(truth, score, w), **options)
        for name in ["truePositives", "falsePositives", "trueNegatives", "falseNegatives", "precision", "recall"]
        for w in [None, many_weights]
        for options in [{}, {"thresholds": [0.2, 0.5, 0.8]}]
    ],
    *[
        metric(name, halves(onehot, probabilities), **options)
        for name in ["precision", "recall"]
        for options in [{"topK": 2}, {"classId": 1}, {"topK": 2, "classId": 0}]
    ],
    *[
        metric("auc", halves(truth, score, w), curve=curve, summationMethod=method)
        for w in [None, many_weights]
        for curve in ["ROC", "PR", "PRGAIN"]
        for method in ["interpolation", "minoring", "majoring"]
    ],
    metric("auc", halves(truth, score), numThresholds=5),
    metric("auc", halves(truth, score), thresholds=[0.7, 0.1, 0.45]),
    metric("auc", halves(label_truth, label_score), multiLabel=True),
    metric("auc", halves(label_truth, label_score), multiLabel=True, labelWeights=[0.2, 1, 2], curve="PR"),
    metric("auc", halves(label_truth, label_score), labelWeights=[0.2, 1, 2]),
    metric("auc", halves(truth, score * 4 - 2), fromLogits=True),
    *[
        metric(name, halves(truth, score, w), [0.6])
        for name in ["sensitivityAtSpecificity", "specificityAtSensitivity", "precisionAtRecall", "recallAtPrecision"]
        for w in [None, many_weights]
    ],
    metric("precisionAtRecall", halves(truth, score), [0.9], numThresholds=7),
    *[
        metric(name, halves(label_truth, label_score, w), **options)
        for name in ["f1Score", "fBetaScore"]
        for w in [None, np.ones(20, "float32") * 0.5]
        for options in [{}, {"average": "micro"}, {"average": "macro", "threshold": 0.4}, {"average": "weighted"}]
    ],
    metric("fBetaScore", halves(label_truth, label_score), beta=2.0, average="macro"),
    metric("iou", halves(map_true, map_said), [3, [0, 2]]),
    metric("meanIoU", halves(map_true, map_said), [3]),
    metric("meanIoU", halves(map_true, map_said), [3], ignoreClass=1),
    metric("meanIoU", halves(map_true, map_scores), [3], sparseYPred=False),
    metric("oneHotIoU", halves(map_onehot, map_scores), [3, [1]]),
    metric("oneHotMeanIoU", halves(map_onehot, map_scores), [3]),
    metric("binaryIoU", halves(truth, score), threshold=0.4),
]

# Wider: sequences, weights of every shape, axes, targets of other ranks, values at the borders, three batches of unequal size.
random = np.random.default_rng(23)
N, T, C = 4, 3, 4
said, wanted = rounded(random.normal(size=(N, T, C)) * 1.5), rounded(random.normal(size=(N, T, C)) * 1.5)
shares, wanted_shares = rounded(softmax(said)), rounded(softmax(wanted))
numbers = random.integers(0, C, size=(N, T))
chosen = np.eye(C, dtype="float32")[numbers]
yes, likely = (wanted > 0).astype("float32"), rounded(1 / (1 + np.exp(-said)))
above, tally = rounded(np.abs(said) + 0.05), random.integers(0, 4, size=(N, T, C)).astype("float32")
by_step, by_example, by_column = rounded(random.uniform(0, 2, size=(N, T))), rounded(random.uniform(0, 2, size=N)), rounded(random.uniform(0, 2, size=(N, 1)))
steps_seen = random.uniform(size=(N, T)) > 0.3
of_sequences = {
    "meanSquaredError": (wanted, said), "meanAbsoluteError": (wanted, said), "meanAbsolutePercentageError": (wanted, said),
    "meanSquaredLogarithmicError": (tally, above), "huber": (wanted, said), "logCosh": (wanted, said), "poisson": (tally, above),
    "klDivergence": (wanted_shares, shares), "cosineSimilarity": (wanted, said), "hinge": (yes, said), "squaredHinge": (yes, said),
    "categoricalHinge": (chosen, shares), "binaryCrossentropy": (yes, likely), "binaryFocalCrossentropy": (yes, likely),
    "categoricalCrossentropy": (chosen, shares), "categoricalFocalCrossentropy": (chosen, shares),
    "sparseCategoricalCrossentropy": (numbers, shares),
}  # fmt: skip
reductions = ["sumOverBatchSize", "sum", "mean", "meanWithSampleWeight", "none"]
for at, (name, pair) in enumerate(of_sequences.items()):
    losses.append(loss(name, *pair, by_step, reduction=reductions[at % 5]))
    losses.append(loss(name, *pair, by_column, reduction=reductions[(at + 1) % 5]))
    losses.append(loss(name, *pair, by_column, steps_seen, reduction=reductions[(at + 2) % 5]))
for name, options in [
    ("categoricalCrossentropy", {"axis": 1}), ("categoricalCrossentropy", {"axis": 1, "labelSmoothing": 0.3}),
    ("categoricalFocalCrossentropy", {"axis": 1}), ("binaryCrossentropy", {"axis": 1}), ("binaryFocalCrossentropy", {"axis": 1, "labelSmoothing": 0.2}),
    ("cosineSimilarity", {"axis": 1}),
]:  # fmt: skip
    losses.append(loss(name, *of_sequences[name], **options))
tops, logit = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], "float32"), np.array([[60, -60, 0], [-60, 60, 0], [40, 0, -90]], "float32")
zeros, signs = np.zeros((3, 3), "float32"), np.array([[1, -1, 1], [-1, -1, 1], [1, 1, 1]], "float32")
losses += [
    loss("meanSquaredError", real[:, 0], other[:, :1]),
    loss("binaryCrossentropy", bits[:, 0], chances[:, :1]),
    loss("sparseCategoricalCrossentropy", labels[:, None], probabilities),
    loss("sparseCategoricalCrossentropy", np.full(3, -1), logit / 20, fromLogits=True, ignoreClass=-1),
    loss("sparseCategoricalCrossentropy", np.array([0, -1, 2]), logit / 20, np.array([1, 2, 3], "float32"), fromLogits=True, ignoreClass=-1, reduction="none"),
    loss("sparseCategoricalCrossentropy", np.array([0, 1, 1]), logit, fromLogits=True),
    loss("categoricalCrossentropy", tops, tops[::-1].copy()),
    loss("categoricalCrossentropy", tops, logit, fromLogits=True, labelSmoothing=0.1),
    loss("categoricalCrossentropy", tops, tops * 3),
    loss("categoricalFocalCrossentropy", tops, tops[::-1].copy()),
    loss("binaryCrossentropy", tops, tops),
    loss("binaryCrossentropy", tops, tops[::-1].copy()),
    loss("binaryCrossentropy", tops, logit, fromLogits=True, labelSmoothing=0.2),
    loss("binaryFocalCrossentropy", tops, tops[::-1].copy(), applyClassBalancing=True),
    loss("binaryFocalCrossentropy", tops, logit, fromLogits=True),
    loss("klDivergence", tops, tops[::-1].copy()),
    loss("poisson", tops, tops),
    loss("meanAbsolutePercentageError", tops, logit + 0.5),
    loss("meanSquaredLogarithmicError", logit, signs),
    loss("logCosh", zeros, logit),
    loss("hinge", signs, signs * 0.999),
    loss("squaredHinge", -signs, logit),
    loss("categoricalHinge", tops, logit),
    loss("dice", zeros, zeros + 0.25),
    loss("tversky", zeros, zeros + 0.25),
    loss("meanSquaredError", signs, logit, np.zeros(3, "float32"), reduction="meanWithSampleWeight"),
    loss("meanSquaredError", signs, logit, np.zeros(3, "float32")),
    loss("categoricalGeneralizedCrossEntropy", np.array([0, 1, 2]), tops[::-1].copy() * 0.5 + 0.25),
]
uneven = lambda *arrays: [tuple(array[part] for array in arrays) for part in (slice(0, 1), slice(1, 3), slice(3, None))]
for name in of_sequences:
    if name in ["huber", "binaryFocalCrossentropy", "categoricalFocalCrossentropy"]:
        continue
    for given in [(), (by_step,), (by_column,)]:
        metrics.append(metric(name, uneven(*of_sequences[name], *given)))
for name, pair in [("rootMeanSquaredError", (wanted, said)), ("binaryAccuracy", (yes, likely)), ("categoricalAccuracy", (chosen, shares)), ("sparseCategoricalAccuracy", (numbers, shares)), ("topKCategoricalAccuracy", (chosen, shares)), ("sparseTopKCategoricalAccuracy", (numbers, shares))]:
    for given in [(), (by_step,), (by_column,)]:
        metrics.append(metric(name, uneven(*pair, *given), **({"k": 2} if "TopK" in name else {})))
metrics += [
    metric("sparseTopKCategoricalAccuracy", halves(labels, np.argsort(-probabilities, -1).astype("float32")), k=2, fromSortedIds=True),
    metric("cosineSimilarity", uneven(wanted, said), axis=1),
    metric("r2Score", uneven(real, other), classAggregation=None),
    metric("r2Score", uneven(real, other, weights)),
    metric("pearsonCorrelation", uneven(wanted[:, 0], said[:, 0])),
    metric("pearsonCorrelation", [(wanted, said)], axis=1),
    metric("concordanceCorrelation", [(wanted, said)], axis=1),
    metric("concordanceCorrelation", uneven(wanted[:, 0], said[:, 0], by_example)),
    metric("categoricalCrossentropy", uneven(chosen, said), fromLogits=True, labelSmoothing=0.1),
    metric("categoricalCrossentropy", uneven(chosen, shares), axis=1),
    metric("sparseCategoricalCrossentropy", uneven(numbers, said, by_step), fromLogits=True, ignoreClass=2),
    # Keras cuts weights down to integers here, with a warning.
    metric("iou", halves(map_true, map_said, random.integers(0, 3, size=(4, 5, 5)).astype("float32")), [4, [0, 3]]),
    metric("iou", halves(map_onehot, map_scores), [3, [0, 2]], sparseYTrue=False, sparseYPred=False),
    metric("meanIoU", halves(np.zeros((4, 2), int), np.zeros((4, 2), int)), [3]),
    metric("binaryIoU", halves(truth, score, np.ceil(many_weights))),
    metric("binaryIoU", halves(truth, score), targetClassIds=[1]),
    metric("oneHotIoU", halves(map_onehot, map_scores), [3, [0, 1]], ignoreClass=2),
    metric("oneHotMeanIoU", halves(map_onehot, map_said % 3), [3], sparseYPred=True),
    metric("auc", uneven(truth, score, many_weights), numThresholds=11, curve="PR", summationMethod="majoring"),
    metric("auc", [(np.ones(4, "float32"), score[:4])]),
    metric("auc", [(np.zeros(4, "float32"), score[:4])], curve="PR"),
    metric("auc", halves(label_truth, label_score), multiLabel=True, numThresholds=9, curve="PRGAIN"),
    metric("precision", [(np.zeros(4, "float32"), np.zeros(4, "float32"))]),
    metric("recall", [(np.zeros(4, "float32"), np.ones(4, "float32"))], thresholds=0.4),
    metric("precision", halves(onehot, probabilities, weights), topK=2),
    metric("recall", uneven(chosen[:, 0], shares[:, 0], by_example), classId=1, thresholds=[0.2, 0.6]),
    metric("truePositives", uneven(yes, likely, by_step[..., None] * np.ones((1, 1, C), "float32"))),
    *[metric(name, uneven(truth, score, many_weights), [value], numThresholds=count)
      for name in ["sensitivityAtSpecificity", "specificityAtSensitivity", "precisionAtRecall", "recallAtPrecision"]
      for value in [0, 0.35, 1] for count in [1, 6]],
    *[metric(name, halves(onehot, probabilities), [0.5], classId=2) for name in ["sensitivityAtSpecificity", "recallAtPrecision"]],
    metric("f1Score", [(tops[:1], tops[1:2]), (tops, tops[::-1].copy())]),
    metric("fBetaScore", uneven(label_truth, label_score, rounded(random.uniform(0, 2, size=20))), beta=0.5, average="weighted", threshold=0.6),
]  # fmt: skip

# Probabilities of exactly 0 and 1: f32 has no number as near to 1 as Keras's epsilon demands.
for entry in losses:
    flat, logits = np.ravel(entry["yPred"]), entry["options"].get("fromLogits")
    certain = entry["name"] == "binaryFocalCrossentropy" and flat.max() > 17 if logits else flat.min() == 0 and flat.max() == 1
    if "Crossentropy" in entry["name"] and certain:
        entry["single"] = True

golden = {"losses": losses, "metrics": metrics}
Path(__file__).with_name("objectives.json").write_text(json.dumps(golden, separators=(",", ":")).replace('},{"name"', '},\n{"name"') + "\n")
