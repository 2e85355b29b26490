"""Writes optimizers.json: what Keras 3 (JAX) makes of two variables in 20 steps, with every optimizer, knob and schedule.

    KERAS_BACKEND=jax python optimizers.py        (Keras 3.15, JAX on the CPU)

Layout: start (two variables), gradients (20 × two), steps (those after which values are kept), runs [{ name, options, values,
averages? }] where options.learningRate may be { name, options } of a schedule; schedules [{ name, options, steps, rates }].
"""

import json
import re
from pathlib import Path

import keras
import numpy as np

random = np.random.default_rng(3)
rounded = lambda x: np.round(x, 3).astype("float32")
snake = lambda name: re.sub(r"([A-Z0-9])", lambda m: "_" + m[1].lower(), name)
special = {"clipNorm": "clipnorm", "clipValue": "clipvalue", "globalClipNorm": "global_clipnorm", "adamLrRatio": "adam_lr_ratio",
           "l1RegularizationStrength": "l1_regularization_strength", "l2RegularizationStrength": "l2_regularization_strength",
           "l2ShrinkageRegularizationStrength": "l2_shrinkage_regularization_strength"}  # fmt: skip
classes = {"sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW"}


def listed(x):
    """Nine significant digits tell every f32 from its neighbours."""
    x = np.asarray(x)
    return [listed(part) for part in x] if x.ndim > 0 else float(f"{float(x):.9g}")


steps, kept = 20, [1, 2, 3, 5, 10, 20]
start = [rounded(random.normal(size=(4, 3))), rounded(random.normal(size=3))]
gradients = [[rounded(random.normal(size=(4, 3))), rounded(random.normal(size=3))] for _ in range(steps)]


def schedule_of(given):
    name = given["name"]
    kind = getattr(keras.optimizers.schedules, name[0].upper() + name[1:])
    return kind(**{snake(key): value for key, value in given["options"].items()})


def run(name, **options):
    excluded = options.get("excludeFromWeightDecay")
    translated = {special.get(key, snake(key)): value for key, value in options.items() if key != "excludeFromWeightDecay"}
    if isinstance(options.get("learningRate"), dict):
        translated["learning_rate"] = schedule_of(options["learningRate"])
    optimizer = getattr(keras.optimizers, classes.get(name, name[0].upper() + name[1:]))(**translated)
    if excluded:
        optimizer.exclude_from_weight_decay(var_names=excluded)
    variables = [keras.Variable(value, name=label) for value, label in zip(start, ["kernel", "bias"])]
    values = []
    for step, gradient in enumerate(gradients, 1):
        optimizer.apply(gradient, variables)
        if step in kept:
            values.append([listed(variable) for variable in variables])
    entry = {"name": name, "options": options, "values": values}
    if options.get("useEma"):
        optimizer.finalize_variable_values(variables)
        entry["averages"] = [listed(variable) for variable in variables]
    return entry


runs = [
    run("sgd", learningRate=0.1, momentum=0.9, nesterov=True, weightDecay=0.01),
    run("rmsprop", learningRate=0.01),
    run("rmsprop", learningRate=0.01, centered=True, momentum=0.5, clipNorm=1.0),
    run("adam", learningRate=0.05),
    run("adam", learningRate=0.05, amsgrad=True, globalClipNorm=1.0),
    run("adamw", learningRate=0.05, weightDecay=0.1, excludeFromWeightDecay=["bias"]),
    run("adagrad", learningRate=0.1),
    run("adagrad", learningRate=0.1, initialAccumulatorValue=0.5, clipValue=0.4),
    run("adadelta", learningRate=1.0),
    run("adamax", learningRate=0.05, weightDecay=0.02),
    run("nadam", learningRate=0.05),
    run("lion", learningRate=0.01, weightDecay=0.1),
    run("ftrl", learningRate=0.1),
    run("ftrl", learningRate=0.1, l1RegularizationStrength=0.05, l2RegularizationStrength=0.02,
        l2ShrinkageRegularizationStrength=0.01, beta=0.1, learningRatePower=-0.6),  # fmt: skip
    run("adafactor", learningRate=0.05),
    run("adafactor", learningRate=0.5, clipThreshold=0.7, weightDecay=0.01),
    run("lamb", learningRate=0.05, weightDecay=0.01),
    run("muon", learningRate=0.05),
    run("muon", learningRate=0.05, nesterov=False, weightDecay=0.1, adamLrRatio=0.5),
    run("sgd", learningRate=0.1, useEma=True, emaMomentum=0.8),
    run("adam", learningRate=0.1, useEma=True, emaMomentum=0.7, emaOverwriteFrequency=3),
    run("adam", learningRate=0.05, gradientAccumulationSteps=3, clipNorm=0.5, weightDecay=0.01),
    run("nadam", learningRate=0.05, gradientAccumulationSteps=2),
    run("sgd", momentum=0.9,
        learningRate={"name": "exponentialDecay", "options": {"initialLearningRate": 0.1, "decaySteps": 3, "decayRate": 0.7}}),  # fmt: skip
    run("adamw", weightDecay=0.05, gradientAccumulationSteps=2,
        learningRate={"name": "cosineDecay", "options": {"initialLearningRate": 0.01, "decaySteps": 12, "warmupTarget": 0.1, "warmupSteps": 4}}),  # fmt: skip
    run("sgd"),
    run("sgd", learningRate=0.1, momentum=0.5, weightDecay=0.02, excludeFromWeightDecay=["kernel"], clipNorm=0.7),
    run("sgd", learningRate=0.1, useEma=True),
    run("sgd", learningRate=0.1, momentum=0.9, nesterov=True, gradientAccumulationSteps=4, useEma=True, emaMomentum=0.6, emaOverwriteFrequency=2),
    run("sgd", learningRate=0.1, lossScaleFactor=4.0, clipValue=0.2),
    run("sgd", learningRate=0.1, gradientAccumulationSteps=2, globalClipNorm=0.5),
    run("rmsprop", learningRate=0.01, rho=0.7, epsilon=1e-3, momentum=0.9, weightDecay=0.05),
    run("rmsprop", learningRate=0.01, centered=True, useEma=True, emaMomentum=0.5, emaOverwriteFrequency=7),
    run("adam", learningRate=0.05, beta1=0.5, beta2=0.7, epsilon=1e-2, amsgrad=True, weightDecay=0.03),
    run("adamw", learningRate=0.05, amsgrad=True, globalClipNorm=0.8, gradientAccumulationSteps=5),
    run("adamw"),
    run("adagrad", learningRate=0.1, epsilon=0.1, weightDecay=0.1),
    run("adadelta", learningRate=0.5, rho=0.5, epsilon=1e-2, weightDecay=0.1, clipNorm=0.9),
    run("adamax", learningRate=0.05, beta1=0.6, beta2=0.8, epsilon=1e-2, globalClipNorm=1.0),
    run("nadam", learningRate=0.05, beta1=0.6, beta2=0.8, epsilon=1e-2, weightDecay=0.04),
    run("lion", learningRate=0.01, beta1=0.5, beta2=0.6, gradientAccumulationSteps=3),
    run("ftrl", learningRate=0.1, initialAccumulatorValue=0.5, weightDecay=0.1, l1RegularizationStrength=0.5),
    run("adafactor", learningRate=0.05, beta2Decay=-0.5, epsilon1=1e-3, epsilon2=0.1, relativeStep=False),
    run("lamb", learningRate=0.05, beta1=0.6, beta2=0.8, epsilon=1e-2, clipValue=0.3),
    run("muon", learningRate=0.05, momentum=0.5, nsSteps=3, excludeLayers=["kernel"]),
    run("muon", learningRate=0.02, adamBeta1=0.5, adamBeta2=0.6, epsilon=1e-3, adamWeightDecay=0.1, rmsRate=0.4, useEma=True, emaMomentum=0.5),
]

times = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 15, 19, 20, 21, 30, 31, 69, 70, 71, 100]


def rates(name, **options):
    schedule = schedule_of({"name": name, "options": options})
    return {"name": name, "options": options, "steps": times, "rates": [listed(schedule(time)) for time in times]}


decay = {"initialLearningRate": 0.1, "decaySteps": 10, "decayRate": 0.5}
schedules = [
    rates("exponentialDecay", **decay),
    rates("exponentialDecay", **decay, staircase=True),
    rates("inverseTimeDecay", **decay),
    rates("inverseTimeDecay", **decay, staircase=True),
    rates("polynomialDecay", initialLearningRate=0.1, decaySteps=20),
    rates("polynomialDecay", initialLearningRate=0.1, decaySteps=20, endLearningRate=0.01, power=2.0),
    rates("polynomialDecay", initialLearningRate=0.1, decaySteps=20, power=0.5, cycle=True),
    rates("piecewiseConstantDecay", boundaries=[5, 20, 70], values=[1.0, 0.5, 0.25, 0.125]),
    rates("cosineDecay", initialLearningRate=0.1, decaySteps=30),
    rates("cosineDecay", initialLearningRate=0.01, decaySteps=30, alpha=0.1, warmupTarget=0.2, warmupSteps=5),
    rates("cosineDecayRestarts", initialLearningRate=0.1, firstDecaySteps=10),
    rates("cosineDecayRestarts", initialLearningRate=0.1, firstDecaySteps=10, tMul=1.0, mMul=0.8, alpha=0.05),
    rates("cosineDecayRestarts", initialLearningRate=0.1, firstDecaySteps=4, tMul=1.5, mMul=0.9),
    rates("cosineDecay", initialLearningRate=0.1, decaySteps=30, warmupSteps=6, alpha=0.5),
    rates("cosineDecay", initialLearningRate=0.3, decaySteps=15, warmupTarget=0.1, warmupSteps=10),
    rates("polynomialDecay", initialLearningRate=0.1, decaySteps=20, cycle=True, endLearningRate=0.02),
    rates("polynomialDecay", initialLearningRate=0.02, decaySteps=20, endLearningRate=0.1, power=3.0),
    rates("piecewiseConstantDecay", boundaries=[1], values=[1.0, 0.5]),
    rates("exponentialDecay", initialLearningRate=0.1, decaySteps=7, decayRate=1.2, staircase=True),
    rates("cosineDecayRestarts", initialLearningRate=0.1, firstDecaySteps=7, tMul=3.0, mMul=1.0, alpha=0.2),
]

golden = {"start": [listed(s) for s in start], "gradients": [[listed(g) for g in pair] for pair in gradients], "steps": kept,
          "runs": runs, "schedules": schedules}  # fmt: skip
text = json.dumps(golden, separators=(",", ":")).replace('},{"name"', '},\n{"name"')
Path(__file__).with_name("optimizers.json").write_text(text + "\n")
