"""Writes kerasRuns.json: trainings with callbacks that act on weights, in Keras 3.

    KERAS_BACKEND=torch python3 scripts/goldens/kerasRuns.py

One weight from 1, x = 1, y = 0.25, mean squared error, 3 steps an epoch. `seen` has what a callback after the one in question finds: the
weight while validation begins, when it has ended, at the end and at the beginning of epochs, in order; `end` is the weight after `fit`.
swap: SwapEMAWeights. schedule: LearningRateScheduler, with rates after each epoch. nan: TerminateOnNaN, the epochs that ended, where the
target of an epoch is no number.
"""

import json
import pathlib

import keras
import numpy as np

target = pathlib.Path(__file__).parents[2] / "core/src/goldens/kerasRuns.json"
C = keras.callbacks
x, y = np.ones((3, 1), "float32"), np.full((3, 1), 0.25, "float32")


def network(optimizer):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer, "mse")
    model.set_weights([np.ones((1, 1))])
    return model


def weight(model): return float(model.get_weights()[0][0, 0])


class Probe(C.Callback):
    def __init__(self): super().__init__(); self.seen = []; self.epochs = []; self.ended = 0; self.rates = []
    def note(self, where): self.seen.append([where, weight(self.model)])
    def on_epoch_begin(self, epoch, logs=None): self.note("begin"); self.epochs.append(epoch)
    def on_test_begin(self, logs=None): self.note("test")
    def on_test_end(self, logs=None): self.note("tested")
    def on_epoch_end(self, epoch, logs=None): self.note("end"); self.ended += 1; self.rates.append(float(np.asarray(self.model.optimizer.learning_rate)))


fit = lambda model, callbacks, **more: model.fit(x, y, batch_size=1, shuffle=False, verbose=0, callbacks=callbacks, **more)
swap = []
for on_epoch in [False, True]:
    for often in [None, 2]:
        for validates in [True, False]:
            model = network(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=often))
            probe = Probe()
            fit(model, [C.SwapEMAWeights(swap_on_epoch=on_epoch), probe], epochs=3, **({"validation_data": (x, y)} if validates else {}))
            swap.append({"swapOnEpoch": on_epoch, "overwrite": often, "validates": validates, "seen": probe.seen, "end": weight(model)})
schedules = {"halve": lambda epoch, rate: rate if epoch < 2 else rate * 0.5, "anew": lambda epoch, rate: 0.3 / (epoch + 1)}
schedule = []
for name, rule in schedules.items():
    model, probe = network(keras.optimizers.SGD(0.2)), Probe()
    history = fit(model, [C.LearningRateScheduler(rule), probe], epochs=5).history
    schedule.append({"rule": name, "rates": probe.rates, "history": [float(v) for v in history["learning_rate"]], "end": weight(model)})
nan = []
for bad in [0, 1, 2]:
    for value in [np.nan, np.inf]:
        model, probe = network(keras.optimizers.SGD(0.1)), Probe()
        wrong = y.copy(); wrong[bad] = value
        began = []
        class Steps(C.Callback):
            def on_train_batch_begin(self, batch, logs=None): began.append(batch)
        model.fit(x, wrong, batch_size=1, shuffle=False, verbose=0, epochs=3, callbacks=[C.TerminateOnNaN(), probe, Steps()])
        nan.append({"bad": bad, "value": str(value), "epochs": probe.epochs, "ended": probe.ended, "steps": began})


lines = [f'"{name}": [\n' + ",\n".join(json.dumps(each) for each in cases) + "\n]" for name, cases in {"swap": swap, "schedule": schedule, "nan": nan}.items()]
target.write_text("{" + ",\n".join(lines) + "}\n")
