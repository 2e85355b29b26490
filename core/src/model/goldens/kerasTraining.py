"""Random small models, saved by Keras, and what it makes of training them, for model/kerasTraining.test.ts.

Run with Keras 3.15 and its PyTorch backend, from this folder:
    KERAS_BACKEND=torch python kerasTraining.py
Writes kerasTraining.zip: N.keras (compiled, as it begins) and cases.json with data, the history of 3 epochs of `fit` (batches of 4, 4
and 2 in their order), and what `evaluate` and `predict` give after it. Layers, shared layers, nested and frozen models, masks, several
inputs and outputs, losses, metrics, weights, regularizers, constraints, optimizers and their knobs are drawn by chance.
"programs" are trainings in steps of one's own: a GAN whose combined model holds its discriminator frozen, one with two optimizers in a
step, and a backbone with batch normalization that is frozen first and tuned later. Weights stand in the order of the layers.

What is drawn leaves out where the two differ, so these show that nothing gets worse, and not how many agree. With nothing left out 104
of 129 models agreed, and 169 of 199 that were drawn later. Each of the 55 others agrees, too, once it is trained in a Keras with these
lines changed (weights, data and all else the same; Keras on PyTorch):
- `_IoUBase.dtype` is f32: sample weights are not cut to whole numbers (21).
- `TimeDistributed.call` adds its layer's activity regularizer (9).
- `apply_mask` multiplies a copy of the sample weights: a loss that ignores a class does not change them for the metrics (2).
- `normalize` has the derivative x / epsilon for a row of zeros, and not 0 times infinity (OrthogonalRegularizer, Dot; 7, one of them
  without a NaN in its loss, because Lion takes the sign of NaN for 0).
- `average_pool` with padding "same" fills with zeros and divides by the elements that there are (1).
- `_compute_attention_mask` leaves the queries' own mask out: they see what others see, and not everything (3).
- `MultiHeadAttention.call` does not take the masks from its inputs, which a residual adds after it (2).
- What follows a layer that goes backwards gets its mask turned round (2).
- Lion: the sign of a derivative that is 0 but for rounding. One model in f64 is further from itself in f32 than ours is; of another
  (with IoU) f64 agrees with ours (2).
Six more need two of the changes at once.
"""

import json
import os
import random
import tempfile
import zipfile

import keras
import numpy as np
import torch
from keras import constraints as C
from keras import layers as L
from keras import losses as LO
from keras import metrics as M
from keras import optimizers as O
from keras import regularizers as R

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))
folder = tempfile.TemporaryDirectory()
# fmt: off
ACTS=["relu","elu","selu","leaky_relu","gelu","silu","tanh","softplus","sigmoid","mish","hard_silu","relu6","softsign","celu","hard_sigmoid","log_sigmoid","squareplus","soft_shrink","hard_tanh","tanh_shrink"]
class G:
    def __init__(s,seed): s.r=random.Random(seed); s.log=[]
    def p(s,a): return s.r.choice(a)
    def i(s,a,b): return s.r.randint(a,b)
    def c(s,q): return s.r.random()<q
    def note(s,t): s.log.append(t)
    def act(s): return s.p(ACTS)
    def reg(s): return s.p([None,None,None,"l2",R.L1(0.003),R.L1L2(0.002,0.004),R.OrthogonalRegularizer(0.01)])
    def reg1(s): return s.p([None,None,None,"l2",R.L1(0.003),R.L1L2(0.002,0.004)])
    def con(s): return s.p([None,None,None,C.MaxNorm(1.2),C.UnitNorm(),C.MinMaxNorm(0.3,1.1,rate=0.7)])
    def dense(s,u,**k):
        s.note("dense"); return L.Dense(u,kernel_regularizer=s.reg(),bias_regularizer=s.reg1(),kernel_constraint=s.con(),**k)
    def norm(s,feat):
        n=s.p(["bn","ln","rms","gn","unit","bnfrozen","renorm"])
        if n=="rms" and {"s:mha","s:gqa","s:attn","s:addattn"} & set(s.log): n="ln"  # RMSNormalization drops masks: padding would count
        s.note(n)
        if n=="bn": return L.BatchNormalization(momentum=s.p([.99,.9,.5]),epsilon=s.p([1e-3,1e-2]),center=s.c(.8),scale=s.c(.8),gamma_regularizer=s.reg1(),beta_constraint=s.p([None,C.NonNeg()]))
        if n=="renorm": return L.BatchNormalization(renorm=True,momentum=.8,renorm_momentum=.7,renorm_clipping=s.p([None,{"rmax":2.,"rmin":.5,"dmax":1.}]))
        if n=="bnfrozen":
            l=L.BatchNormalization(momentum=.7); l.trainable=False; return l
        if n=="ln": return L.LayerNormalization(center=s.c(.7),scale=s.c(.7))
        if n=="rms": return L.RMSNormalization()
        if n=="gn": return L.GroupNormalization(groups=s.p([g for g in (1,2,3,-1,feat) if g==-1 or feat%g==0]))
        return L.UnitNormalization()
    # vector blocks: x (B,n)
    def vec(s,x,depth):
        for _ in range(depth):
            n=x.shape[-1]; t=s.p(["dense","densenorm","res","shared","nested","glue","prelu","wide","mul","dot","split","einsum","embed","ops"]); s.note("v:"+t)
            if t=="dense": x=s.dense(s.i(2,9),activation=s.act())(x)
            elif t=="densenorm": x=L.Activation(s.act())(s.norm(6)(s.dense(6,use_bias=False)(x)))
            elif t=="res": x=L.Add()([x,s.dense(n,activation=s.act())(s.norm(n)(x))])
            elif t=="shared":
                d=s.dense(n,activation="tanh"); x=L.Average()([d(x),d(d(x)),x])
            elif t=="nested":
                if s.c(.5): m=keras.Sequential([L.Input((n,)),s.dense(5,use_bias=False,activation=s.act()),s.norm(5),s.dense(n)])
                else:
                    i=L.Input((n,)); a=s.dense(4,activation=s.act())(i); b=s.dense(4)(i); m=keras.Model(i,L.Concatenate()([L.Maximum()([a,b]),a]))
                if s.c(.25): m.trainable=False; s.note("frozen")
                y=m(x)
                if s.c(.5) and y.shape[-1]==n: y=m(y)
                x=y
            elif t=="glue": x=L.Concatenate()([L.Minimum()([x,s.dense(n)(x)]),L.Subtract()([x,s.dense(n)(x)])])
            elif t=="prelu": x=s.p([L.PReLU(alpha_initializer=keras.initializers.Constant(.2),alpha_constraint=s.p([None,"non_neg"])),L.ELU(.7),L.LeakyReLU(.1),L.ReLU(3.,.1,.2),L.Softmax()])(x)
            elif t=="wide": x=L.Flatten()(L.TimeDistributed(s.dense(3,activation=s.act()))(L.RepeatVector(s.i(2,3))(x)))
            elif t=="mul": x=L.Multiply()([s.dense(5)(x),s.dense(5,activation="sigmoid")(x)])
            elif t=="dot":
                a=L.Reshape((2,3))(s.dense(6)(x)); b=L.Reshape((2,3))(s.dense(6)(x)); x=L.Flatten()(L.Dot(axes=s.p([1,2]),normalize=False)([a,b]))
            elif t=="split": x=L.Flatten()(L.Permute((2,1))(L.Reshape((3,2))(s.dense(6)(x))))
            elif t=="einsum": x=L.Flatten()(L.EinsumDense("ab,bcd->acd",output_shape=(2,3),bias_axes="cd",activation=s.act(),kernel_regularizer=s.reg1())(x))
            elif t=="embed": x=L.Concatenate()([x,L.Rescaling(.5,.1)(x)])
            elif t=="ops":
                k=s.p(["a","b","c","d"])
                if k=="a": x=keras.ops.sin(x)*0.5+x
                elif k=="b": x=keras.ops.concatenate([x,keras.ops.square(x)*.1],axis=-1)
                elif k=="c": x=x-keras.ops.mean(x,axis=-1,keepdims=True)
                else: x=keras.ops.softmax(x)*2.
            if x.shape[-1]>14: x=s.dense(5,activation="tanh")(x)
        return x
    def rnnkw(s): return dict(kernel_regularizer=s.reg1(),recurrent_constraint=s.p([None,None,C.MaxNorm(1.)]),bias_regularizer=s.p([None,R.L2(.01)]))
    def rnn(s,seq,masked=False):
        t=s.p(["lstm","gru","gru0","simple","bi","bi2","stack","cellrnn"]); s.note(t)
        kw=dict(return_sequences=seq)
        u=s.i(2,5)
        if t=="lstm": return L.LSTM(u,unit_forget_bias=s.c(.7),go_backwards=not(seq and masked) and s.c(.3),activation=s.p(["tanh","softsign"]),recurrent_activation=s.p(["sigmoid","hard_sigmoid"]),**s.rnnkw(),**kw)
        if t=="gru": return L.GRU(u,go_backwards=not(seq and masked) and s.c(.3),**s.rnnkw(),**kw)
        if t=="gru0": return L.GRU(u,reset_after=False,use_bias=s.c(.7),**kw)
        if t=="simple": return L.SimpleRNN(u,activation=s.p(["tanh","relu"]),**s.rnnkw(),**kw)
        if t=="bi": return L.Bidirectional(s.p([L.LSTM,L.GRU])(u,**kw),merge_mode=s.p(["concat","sum","mul","ave"]))
        if t=="bi2": return L.Bidirectional(L.GRU(u,**kw),backward_layer=L.LSTM(u,go_backwards=True,**kw),merge_mode=s.p(["concat","sum"]))
        if t=="stack": return L.RNN(L.StackedRNNCells([L.LSTMCell(3),L.GRUCell(u)]),**kw)
        return L.RNN(L.SimpleRNNCell(u,kernel_regularizer=s.reg1()),**kw)
    def seq(s,x,depth,masked):
        for _ in range(depth):
            f=x.shape[-1]; t=s.p(["rnn","rnn","mha","gqa","attn","addattn","norm","td","tdm","res","cat","act","spat","conv"]); s.note("s:"+t)
            if t=="rnn": x=s.rnn(True,masked)(x)
            elif t=="mha": x=L.Add()([x,L.MultiHeadAttention(s.i(1,3),s.i(1,4),value_dim=s.p([None,3]),use_bias=s.c(.7),kernel_regularizer=s.reg1())(x,x,use_causal_mask=not masked and s.c(.5))])
            elif t=="gqa" and not masked: x=L.Add()([x,L.GroupQueryAttention(3,4,2)(x,x,use_causal_mask=s.c(.5))])
            elif t=="attn": x=L.Attention(use_scale=s.c(.5),score_mode=s.p(["dot","concat"]) )([x,s.norm(f)(x)],use_causal_mask=s.c(.4))
            elif t=="addattn": x=L.AdditiveAttention(use_scale=s.c(.6))([x,x])
            elif t=="norm": x=s.norm(f)(x)
            elif t=="td": x=L.TimeDistributed(s.dense(s.i(2,5),activation=s.act()))(x)
            elif t=="tdm":
                m=keras.Sequential([L.Input((f,)),s.dense(4,activation="tanh"),s.dense(3)]); x=L.TimeDistributed(m)(x)
            elif t=="res": x=L.Add()([x,s.dense(f,activation=s.act())(x)])
            elif t=="cat": x=L.Concatenate()([x,s.rnn(True,masked)(x)])
            elif t=="act": x=L.Activation(s.p(["tanh","softplus","silu"]))(x)
            elif t=="spat": x=L.ActivityRegularization(l1=.001,l2=.002)(x)
            elif t=="conv" and not masked: x=s.p([L.Conv1D(4,3,padding="causal",dilation_rate=s.p([1,2]),activation=s.act()),L.SeparableConv1D(4,3,padding="same",depth_multiplier=2),L.DepthwiseConv1D(2,padding="same"),L.Conv1D(f if f%2==0 else 4,2,padding="same",groups=2 if f%2==0 else 1)])(x)
        return x
    def img(s,x,depth):
        for _ in range(depth):
            h,w,f=x.shape[1:]; t=s.p(["conv","conv","sep","dw","tr","norm","pool","pad","up","res","spec","sh","gap2","adapt"]); s.note("i:"+t)
            same=s.p(["same","valid"]) if min(h,w)>4 else "same"
            if t=="conv": x=L.Conv2D(s.p([2,4,6]),s.p([1,2,3,(3,2)]),strides=s.p([1,1,2]) ,padding=same,activation=s.act(),use_bias=s.c(.7),kernel_regularizer=s.reg1(),kernel_constraint=s.p([None,None,C.MaxNorm(1.,axis=[0,1,2])]),groups=2 if f%2==0 and s.c(.3) else 1)(x)
            elif t=="sep": x=L.SeparableConv2D(4,3,padding=same,depth_multiplier=s.i(1,2),depthwise_regularizer=s.reg1(),pointwise_constraint=s.p([None,"unit_norm"]))(x)
            elif t=="dw": x=L.DepthwiseConv2D(3,padding=same,depth_multiplier=s.i(1,2),strides=s.p([1,1,2]))(x)
            elif t=="tr" and h<9: x=L.Conv2DTranspose(3,s.p([2,3]),strides=s.p([1,2]),padding=s.p(["same","valid"]),activation=s.act())(x)
            elif t=="norm": x=s.norm(f)(x)
            elif t=="pool": x=L.MaxPooling2D(s.p([2,3]),strides=s.p([None,1,2]),padding="same")(x) if s.c(.5) else L.AveragePooling2D(2)(x)
            elif t=="pad": x=s.p([L.ZeroPadding2D(((1,0),(0,2))),L.Cropping2D(((0,1),(1,0)))])(x) if min(h,w)>3 else x
            elif t=="up" and h<7: x=L.UpSampling2D(2,interpolation=s.p(["nearest","bilinear"]))(x)
            elif t=="res": x=L.Add()([x,L.Conv2D(f,3,padding="same",activation=s.act(),dilation_rate=s.p([1,2]))(x)])
            elif t=="spec": x=L.SpectralNormalization(L.Conv2D(3,2,padding="same"))(x)
            elif t=="sh":
                c=L.Conv2D(f,2,padding="same",activation="tanh"); x=L.Maximum()([c(x),c(c(x))])
            elif t=="gap2": x=L.Multiply()([x,L.Dense(f,activation="sigmoid")(L.GlobalAveragePooling2D(keepdims=True)(x))])
            elif t=="adapt": x=s.p([L.AdaptiveAveragePooling2D,L.AdaptiveMaxPooling2D])((s.i(2,4),s.i(2,4)))(x)
        return x
    def seqend(s,x):
        t=s.p(["rnn","gap","gmp","last"]); s.note("e:"+t)
        if t in("rnn","last"): return s.rnn(False)(x)
        return (L.GlobalAveragePooling1D if t=="gap" else L.GlobalAveragePooling1D)()(x)
    def opt(s):
        k={}
        if s.c(.35): k["weight_decay"]=.02
        q=s.i(0,6)
        if q==0: k["clipnorm"]=.3
        if q==1: k["clipvalue"]=.05
        if q==2: k["global_clipnorm"]=.5
        e=s.i(0,4)
        if e==0: k.update(use_ema=True,ema_momentum=.8)
        if e==1: k.update(use_ema=True,ema_momentum=.7,ema_overwrite_frequency=3)
        if s.c(.3): k["gradient_accumulation_steps"]=s.p([2,3])
        lr=s.p([None,None,O.schedules.ExponentialDecay(.01,2,.7,staircase=s.c(.5)),O.schedules.CosineDecay(.001,6,warmup_target=.02,warmup_steps=2),O.schedules.PiecewiseConstantDecay([2,4],[.02,.01,.005]),O.schedules.PolynomialDecay(.02,5,power=2.),O.schedules.InverseTimeDecay(.02,2,.5),O.schedules.CosineDecayRestarts(.02,3)])
        n=s.p(["SGD","SGDm","Adam","AdamW","RMSprop","Adagrad","Adadelta","Adamax","Nadam","Ftrl","Adafactor","Lamb","Amsgrad"]); s.note(n); s.note("/".join(f"{a}={b}" for a,b in k.items())); s.note(type(lr).__name__)
        l=lambda d: lr if lr is not None else d
        if n=="SGD": return O.SGD(l(.05),**k)
        if n=="SGDm": return O.SGD(l(.05),momentum=.9,nesterov=s.c(.5),**k)
        if n=="Adam": return O.Adam(l(.01),**k)
        if n=="Amsgrad": return O.Adam(l(.01),amsgrad=True,**k)
        if n=="AdamW": k.pop("weight_decay",0); return O.AdamW(l(.01),weight_decay=.05,**k)
        if n=="RMSprop": return O.RMSprop(l(.01),momentum=s.p([0.,.5]),centered=s.c(.5),**k)
        if n=="Adadelta": return O.Adadelta(l(.5),**k)
        return getattr(O,n)(l(.02),**k)
    def head(s,x,name):
        t=s.p(["sparse","cat","bin","mse","hub","mae","kl","hinge","poisson","logcosh","focal","cos","sparselogit","catsmooth","tversky","catfocal","msle","sqh"]); s.note("h:"+t)
        D=lambda u,**k:s.dense(u,name=name,**k)
        n=3
        if t=="sparse": return D(n,activation="softmax")(x),LO.SparseCategoricalCrossentropy(),[M.SparseCategoricalAccuracy(name="acc"),M.SparseTopKCategoricalAccuracy(2,name="topk")],("cls",n)
        if t=="sparselogit": return D(n)(x),LO.SparseCategoricalCrossentropy(from_logits=True),["accuracy"],("cls",n)
        if t=="cat": return D(n,activation="softmax")(x),"categorical_crossentropy",["accuracy",M.F1Score(average="macro",name="f1"),M.TopKCategoricalAccuracy(2,name="topk"),M.CategoricalCrossentropy(name="cce")],("hot",n)
        if t=="catsmooth": return D(n)(x),LO.CategoricalCrossentropy(from_logits=True,label_smoothing=.1),[M.CategoricalAccuracy(name="ca")],("hot",n)
        if t=="catfocal": return D(n,activation="softmax")(x),LO.CategoricalFocalCrossentropy(alpha=.3,gamma=1.5),[M.CategoricalAccuracy(name="ca")],("hot",n)
        if t=="bin": return D(1,activation="sigmoid")(x),LO.BinaryCrossentropy(label_smoothing=s.p([0.,.1])),[M.AUC(name="auc",num_thresholds=50),M.Precision(name="pre"),M.Recall(name="rec",thresholds=.4),M.BinaryAccuracy(name="ba"),M.AUC(name="pr",curve="PR")],("bin",1)
        if t=="focal": return D(2,activation="sigmoid")(x),LO.BinaryFocalCrossentropy(apply_class_balancing=s.c(.5)),[M.AUC(name="auc",multi_label=True,num_labels=2),M.FBetaScore(beta=2.,threshold=.5,average="micro",name="fb"),M.FalsePositives(name="fp")],("bin",2)
        if t=="tversky": return D(2,activation="sigmoid")(x),s.p([LO.Tversky(.3,.7),LO.Dice()]),["mae"],("bin",2)
        if t=="kl": return D(n,activation="softmax")(x),"kl_divergence",[M.KLDivergence(name="kld")],("dist",n)
        if t=="hinge": return D(1)(x),"hinge",[M.Hinge(name="hi")],("pm",1)
        if t=="sqh": return D(2)(x),LO.SquaredHinge(reduction=s.p(["sum","sum_over_batch_size"])),[M.SquaredHinge(name="sh")],("pm",2)
        if t=="poisson": return D(1,activation="softplus")(x),"poisson",[M.Poisson(name="po")],("pos",1)
        if t=="msle": return D(2,activation="softplus")(x),"msle",[M.MeanSquaredLogarithmicError(name="ml")],("pos",2)
        if t=="cos": return D(3)(x),"cosine_similarity",[M.CosineSimilarity(name="cs")],("reg",3)
        lossmap={"mse":"mse","hub":LO.Huber(.5),"mae":"mae","logcosh":"log_cosh"}
        return D(2)(x),lossmap[t],["mae",M.RootMeanSquaredError(name="rmse"),M.R2Score(name="r2")],("reg",2)
def target(rs, kind, n):
    k, u = kind
    if k == "cls": return rs.randint(0, u, (n,)).astype("int32")
    if k == "hot": return np.eye(u, dtype="float32")[rs.randint(0, u, n)]
    if k == "bin": return rs.randint(0, 2, (n, u)).astype("float32")
    if k == "dist":
        a = rs.rand(n, u) + 0.1
        return (a / a.sum(-1, keepdims=True)).astype("float32")
    if k == "pm": return (rs.randint(0, 2, (n, u)) * 2 - 1).astype("float32")
    if k == "pos": return (rs.rand(n, u) * 2).astype("float32")
    return rs.randn(n, u).astype("float32")


def array(a):
    a = a.detach().numpy() if isinstance(a, torch.Tensor) else np.asarray(a)
    data = [float(f"{v:.8g}") for v in a.ravel().tolist()] if a.dtype.kind == "f" else a.ravel().tolist()
    return {"shape": list(a.shape), "dtype": str(a.dtype), "data": data}


def arrays(v): return {k: array(a) for k, a in v.items()} if isinstance(v, dict) else array(v)


def make(seed):
    g = G(seed)
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    rs = np.random.RandomState(seed)
    n, ins, xs, feats = 10, {}, {}, []
    kinds = g.p([["vec"], ["tok"], ["mseq"], ["img"], ["vec", "tok"], ["fseq"], ["tok", "tok2"], ["img", "vec"], ["mseq", "vec"]])
    g.note("+".join(kinds))
    for k in kinds:
        if k == "vec":
            i = L.Input((4,), name="vec"); xs[k] = rs.randn(n, 4).astype("float32"); f = g.vec(i, g.i(1, 3))
        elif k in ("tok", "tok2"):
            i = L.Input((6,), dtype="int32", name=k); a = rs.randint(1, 9, (n, 6))
            for r in range(n): a[r, rs.randint(2, 7):] = 0
            xs[k] = a.astype("int32")
            e = L.Embedding(9, 4, mask_zero=True, embeddings_regularizer=g.reg1(), embeddings_constraint=g.p([None, C.UnitNorm(axis=1)]))(i)
            f = g.seqend(g.seq(e, g.i(1, 3), True))
        elif k in ("fseq", "mseq"):
            i = L.Input((5, 3), name=k); a = rs.randn(n, 5, 3).astype("float32")
            if k == "mseq":
                for r in range(n): a[r, rs.randint(2, 6):] = 0
            xs[k] = a
            f = g.seqend(g.seq(L.Masking(0.)(i) if k == "mseq" else i, g.i(1, 3), k == "mseq"))
        else:
            i = L.Input((7, 6, 2), name="img"); xs[k] = rs.randn(n, 7, 6, 2).astype("float32")
            f = g.p([L.GlobalAveragePooling2D(), L.GlobalMaxPooling2D(), L.Flatten()])(g.img(i, g.i(1, 4)))
            if f.shape[-1] > 40: f = L.Dense(6, activation="tanh")(f)
        ins[k] = i; feats.append(f)
    x = feats[0] if len(feats) == 1 else L.Concatenate()(feats)
    if g.c(.5): x = g.vec(x, 1)
    no = g.p([1, 1, 2, 3]); outs, loss, mets, wm, kd = {}, {}, {}, {}, {}
    for nm in ["outa", "outb", "outc"][:no]:
        outs[nm], loss[nm], m, kd[nm] = g.head(x, nm)
        mets[nm], wm[nm] = (m, []) if g.c(.5) else ([], m)
    model = keras.Model(ins if len(ins) > 1 else list(ins.values())[0], outs if no > 1 else outs["outa"])
    optimizer = g.opt()
    if no == 1: model.compile(optimizer, loss["outa"], metrics=mets["outa"], weighted_metrics=wm["outa"])
    else: model.compile(optimizer, loss, metrics=mets, weighted_metrics=wm, loss_weights=g.p([None, dict(zip(outs, [.5, 2., 1.5]))]))
    ys = {nm: target(rs, kd[nm], n) for nm in outs}
    X = xs if len(xs) > 1 else list(xs.values())[0]
    Y = ys if no > 1 else ys["outa"]
    sw = cw = None
    if no == 1:
        z = g.i(0, 2)
        if z == 0: sw = (rs.rand(n) * 2).astype("float32")
        if z == 1 and kd["outa"][0] in ("cls", "hot"): cw = {0: .5, 1: 2., 2: 1.}
    elif g.c(.5): sw = {nm: (rs.rand(n) * 2).astype("float32") for nm in outs}
    path = f"{folder.name}/{seed}.keras"
    model.save(path)
    model = keras.models.load_model(path)  # some options of losses are not in the file
    history = model.fit(X, Y, batch_size=4, epochs=3, shuffle=False, verbose=0, sample_weight=sw, class_weight=cw).history
    ev = model.evaluate(X, Y, batch_size=4, verbose=0, sample_weight=sw, return_dict=True)
    if not np.isfinite(history["loss"]).all(): return None
    return {"drawn": " ".join(g.log), "x": arrays(X), "y": arrays(Y), "sampleWeight": None if sw is None else arrays(sw), "classWeight": cw,
            "history": history, "evaluated": ev, "predicted": arrays(model.predict(X, verbose=0)), "parameters": model.count_params()}


# Programs.

def weights(model): return [array(w) for w in model.get_weights()]


def networks():
    generator = keras.Sequential([L.Input((3,)), L.Dense(6, activation="relu"), L.BatchNormalization(momentum=.7), L.Dense(4)])
    discriminator = keras.Sequential([L.Input((4,)), L.Dense(6), L.LeakyReLU(.2), L.BatchNormalization(momentum=.8), L.Dense(1)])
    return generator, discriminator


def gan():
    """The discriminator trains on real and made examples; frozen inside of the whole it only judges, and its statistics stand still."""
    keras.utils.set_random_seed(1)
    rs = np.random.RandomState(1)
    generator, discriminator = networks()
    logits = LO.BinaryCrossentropy(from_logits=True)
    i = L.Input((3,))
    whole = keras.Model(i, discriminator(generator(i)))
    before = [weights(generator), weights(discriminator)]
    discriminator.compile(O.Adam(.01), logits)
    whole.compile(O.RMSprop(.01), logits)
    steps = []
    for _ in range(10):
        noise, real = rs.randn(5, 3).astype("float32"), rs.randn(5, 4).astype("float32")
        x = np.concatenate([generator.predict(noise, verbose=0), real])
        y = np.array([[0.]] * 5 + [[1.]] * 5, "float32")
        discriminator.trainable = True
        discriminator.reset_metrics()
        judged = float(discriminator.train_on_batch(x, y))
        discriminator.trainable = False
        whole.reset_metrics()
        fooled = float(whole.train_on_batch(noise, np.ones((5, 1), "float32")))
        steps.append({"noise": array(noise), "real": array(real), "judged": judged, "fooled": fooled})
    return {"before": before, "steps": steps, "after": [weights(generator), weights(discriminator)]}


def duel():
    """Two optimizers in one step, written out with PyTorch's derivatives."""
    keras.utils.set_random_seed(2)
    rs = np.random.RandomState(2)
    generator, discriminator = networks()
    logits = LO.BinaryCrossentropy(from_logits=True)
    of_d, of_g = O.Adam(.02, clipnorm=.5), O.SGD(.05, momentum=.9, use_ema=True, ema_momentum=.9, ema_overwrite_frequency=2)
    before = [weights(generator), weights(discriminator)]

    def descend(model, optimizer, loss):
        generator.zero_grad(); discriminator.zero_grad()
        loss.backward()
        variables = model.trainable_weights
        with torch.no_grad(): optimizer.apply([v.value.grad for v in variables], variables)
        return float(loss.detach())

    steps = []
    for _ in range(10):
        first, second, real = (rs.randn(6, k).astype("float32") for k in (3, 3, 4))
        made = generator(first, training=True)
        x = keras.ops.concatenate([made, keras.ops.convert_to_tensor(real)])
        y = np.array([[0.]] * 6 + [[1.]] * 6, "float32")
        judged = descend(discriminator, of_d, logits(y, discriminator(x, training=True)))
        fooled = descend(generator, of_g, logits(np.ones((6, 1), "float32"), discriminator(generator(second, training=True), training=True)))
        steps.append({"first": array(first), "second": array(second), "real": array(real), "judged": judged, "fooled": fooled})
    return {"before": before, "steps": steps, "after": [weights(generator), weights(discriminator)]}


def tuning():
    """A nested backbone: frozen with the head training, then tuned whole but for its batch normalization."""
    keras.utils.set_random_seed(3)
    rs = np.random.RandomState(3)
    backbone = keras.Sequential([L.Input((5,)), L.Dense(6, activation="tanh"), L.BatchNormalization(momentum=.6), L.Dense(4, activation="relu")])
    backbone.compile("sgd", "mse")
    x, y = rs.randn(12, 5).astype("float32") + 1, rs.randn(12, 2).astype("float32")
    i = L.Input((5,))
    whole = keras.Model(i, L.Dense(2, kernel_regularizer=R.L2(.01))(L.BatchNormalization(momentum=.5)(backbone(i))))
    before = weights(whole)
    phases = []
    for phase in ["free", "frozen", "tuned"]:
        if phase == "frozen": backbone.trainable = False
        if phase == "tuned":
            backbone.trainable = True
            backbone.layers[1].trainable = False
        whole.compile(O.Adam(.02), "mse", metrics=["mae"])
        history = whole.fit(x, y, batch_size=5, epochs=2, shuffle=False, verbose=0).history
        phases.append({"phase": phase, "history": history, "after": weights(whole), "evaluated": whole.evaluate(x, y, verbose=0, return_dict=True)})
    return {"x": array(x), "y": array(y), "before": before, "phases": phases}


cases = {}
seed = 1000
while len(cases) < 24:
    seed += 1
    made = make(seed)
    if made is not None: cases[str(seed)] = made
programs = {"gan": gan(), "duel": duel(), "tuning": tuning()}
plain = lambda v: float(np.asarray(v)) if np.ndim(v) == 0 else np.asarray(v).tolist()
with zipfile.ZipFile(os.path.join(here, "kerasTraining.zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    def put(name, data): archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    for name in cases:
        put(f"{name}.keras", open(f"{folder.name}/{name}.keras", "rb").read())
    put("cases.json", json.dumps({"models": cases, "programs": programs}, default=plain, separators=(",", ":")))
print(len(cases), "models of", seed - 1000)
