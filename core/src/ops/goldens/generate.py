"""Writes numpy.json: what NumPy and SciPy give for the calls of goldens.test.ts. Run: python3 generate.py (NumPy 2.4, SciPy 1.17)."""
import json, pathlib
import numpy as np
from scipy import special

cases = []
rng = np.random.default_rng(7)
names = {"float64": "f32", "int32": "i32", "int64": "i32", "bool": "bool", "uint32": "u32", "uint8": "u8", "int8": "i8"}

def plain(x):
    x = np.asarray(x)
    if x.dtype == bool: x = x.astype(int)
    def one(v):
        if isinstance(v, float) and np.isfinite(v): v = float("%.13g" % v)
        return v if isinstance(v, int) or np.isfinite(v) else ("nan" if np.isnan(v) else ("inf" if v > 0 else "-inf"))
    return [one(v) for v in x.ravel().tolist()]

def array(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "dtype": names[str(x.dtype)], "data": plain(x)}

def case(call, inputs, args, result):
    cases.append({"call": call, "inputs": [array(np.asarray(i)) for i in inputs], "args": args, "result": array(result)})

def f(*shape): return np.round(rng.normal(size=shape), 3)
def i32(*shape, low=-9, high=10): return rng.integers(low, high, size=shape).astype(np.int32)
x = f(3, 4, 5)

# slices: the spec in our words and in NumPy's
def s(start=None, stop=None, step=None):
    d = {k: v for k, v in (("start", start), ("stop", stop), ("step", step)) if v is not None}
    return (d, slice(start, stop, step))
items = [(1, 1), (-1, -1), s(), s(1), s(None, -1), s(-2), s(None, None, -1), s(None, None, 2), s(3, 0, -2), s(-1, -5, -1), s(0, 99), s(-99, 2), s(2, 1), s(4, None, -3), s(99, None, -1), s(None, 0, -1)]
for item in items:
    case("slice", [x], [[item[0]]], x[item[1]])
    case("slice", [x], [["...", item[0]]], x[..., item[1]])
    case("slice", [x], [[{}, item[0], None, "..."]], x[:, item[1], None, ...])
case("slice", [x], [[None, 0, "...", {"step": -1}, None]], x[None, 0, ..., ::-1, None])
case("slice", [x], [[0, 1, 2]], x[0, 1, 2])
case("slice", [x], [["..."]], x)

# movement
case("transpose", [x], [], x.transpose())
case("transpose", [x], [[1, -1, 0]], x.transpose(1, -1, 0))
case("moveAxis", [x], [0, -1], np.moveaxis(x, 0, -1))
case("moveAxis", [x], [[0, 2], [1, 0]], np.moveaxis(x, [0, 2], [1, 0]))
case("swapAxes", [x], [0, -1], np.swapaxes(x, 0, -1))
case("expandDims", [x], [[0, -1]], np.expand_dims(x, (0, -1)))
case("expandDims", [x], [2], np.expand_dims(x, 2))
y = f(1, 3, 1); case("squeeze", [y], [], y.squeeze()); case("squeeze", [y], [-1], y.squeeze(-1))
case("reshape", [x], [[5, -1]], x.reshape(5, -1))
case("reshape", [x], [[-1]], x.reshape(-1))
case("flip", [x], [], np.flip(x)); case("flip", [x], [[0, 2]], np.flip(x, (0, 2)))
case("roll", [x], [7], np.roll(x, 7)); case("roll", [x], [-1, 1], np.roll(x, -1, 1)); case("roll", [x], [[1, 2], [0, 2]], np.roll(x, (1, 2), (0, 2)))
y = f(2, 3); case("tile", [y], [[2]], np.tile(y, [2])); case("tile", [y], [[2, 1, 3]], np.tile(y, [2, 1, 3])); case("tile", [y], [3], np.tile(y, 3))
case("repeat", [y], [2], np.repeat(y, 2)); case("repeat", [y], [2, 0], np.repeat(y, 2, 0)); case("repeat", [y], [[1, 0, 3], -1], np.repeat(y, [1, 0, 3], -1))
z = f(4, 3); case("concatenate", [y, z], [0], np.concatenate([y, z], 0)); case("stack", [y, y], [-1], np.stack([y, y], -1)); case("stack", [y, y], [1], np.stack([y, y], 1))
for mode in ("edge", "reflect", "symmetric", "wrap"): case("pad", [z], [[[2, 1], [1, 2]], {"mode": mode}], np.pad(z, [[2, 1], [1, 2]], mode))
case("pad", [z], [[[2, 1], [0, 2]], {"value": 7}], np.pad(z, [[2, 1], [0, 2]], constant_values=7))
case("broadcastTo", [f(3, 1) * 0 + 2], [[2, 3, 4]], np.full((2, 3, 4), 2.0))

# reductions
for axes in (None, 0, -1, [0, 2], [1, -1]):
    for keep in (False, True):
        a = None if axes is None else (tuple(axes) if isinstance(axes, list) else axes)
        for name, fn in (("sum", np.sum), ("mean", np.mean), ("max", np.max), ("min", np.min), ("prod", np.prod), ("variance", np.var), ("std", np.std)):
            case(name, [x], [axes, {"keepDims": keep}], fn(x, axis=a, keepdims=keep))
        case("logSumExp", [x * 50], [axes, {"keepDims": keep}], special.logsumexp(x * 50, axis=a, keepdims=keep))
        case("norm", [x], [axes, {"keepDims": keep}], np.sqrt(np.sum(x * x, axis=a, keepdims=keep)))
        case("any", [x > 2], [axes, {"keepDims": keep}], np.any(x > 2, axis=a, keepdims=keep))
        case("all", [x > -2], [axes, {"keepDims": keep}], np.all(x > -2, axis=a, keepdims=keep))
for order in (0, 1, 3, 0.5): case("norm", [z], [-1, {"order": order}], np.linalg.norm(z, ord=order, axis=-1))
case("variance", [z], [0, {"correction": 1}], np.var(z, 0, ddof=1))
case("sum", [np.array([200, 100], np.uint8)], [], np.uint32(300)); case("sum", [np.array([True, True, False])], [], np.int32(2))
case("mean", [np.array([1, 2, 4], np.int32)], [], np.mean([1, 2, 4]))
case("cumsum", [x], [1], np.cumsum(x, 1)); case("cumsum", [z], [], np.cumsum(z)); case("cumsum", [z], [0, {"reverse": True}], np.cumsum(z[::-1], 0)[::-1])
case("cummax", [z], [0], np.maximum.accumulate(z, 0))
ties = np.array([[1.0, 3, 3, 2], [np.nan, 1, 5, np.nan], [2, 2, 2, 2], [-np.inf, -np.inf, 0, 7]])
for name, fn in (("argmax", np.argmax), ("argmin", np.argmin)):
    case(name, [ties], [1], fn(ties, 1)); case(name, [ties], [0], fn(ties, 0)); case(name, [x], [None], fn(x)); case(name, [x], [-2, {"keepDims": True}], fn(x, -2, keepdims=True))
case("sort", [ties], [], np.sort(ties)); case("sort", [ties], [0], np.sort(ties, 0)); case("argsort", [ties], [], np.argsort(ties, kind="stable")); case("sort", [x], [None], np.sort(x, None))
case("sort", [x], [1, {"descending": True}], -np.sort(-x, 1))
case("topK", [x], [2, 1], -np.sort(-x, 1)[:, :2])

# indexing
ind = i32(3, 2, 5, low=-4, high=4); case("takeAlongAxis", [x, ind], [1], np.take_along_axis(x, ind.astype(np.int64), 1))
ind = i32(1, 2, 5, low=0, high=4); case("takeAlongAxis", [x, ind], [1], np.take_along_axis(x, ind.astype(np.int64), 1))
ind = i32(6, low=-5, high=5); w = f(5); case("takeAlongAxis", [w, ind], [0], np.take_along_axis(w, ind.astype(np.int64), 0))
ind = i32(2, 3, low=-5, high=5); case("take", [x, ind], [-1], np.take(x, ind, -1)); case("take", [x, ind], [], np.take(x, ind))

# linear
for a, b in (((3, 4), (4, 5)), ((4,), (4, 5)), ((3, 4), (4,)), ((4,), (4,)), ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)), ((2, 1, 3, 4), (6, 4, 5)), ((1, 3, 4), (1, 4, 2)), ((4,), (2, 4, 5)), ((2, 3, 4), (4,))):
    p, q = f(*a), f(*b); case("matmul", [p, q], [], p @ q)
    if np.ndim(p) * np.ndim(q) and (p.shape[-1] == q.shape[max(0, q.ndim - 2)]): case("dot", [p, q], [], np.dot(p, q))
p, q = f(2, 3, 4), f(3, 4, 5); case("tensordot", [p, q], [2], np.tensordot(p, q, 2)); case("tensordot", [p, q], [[[2, 1], [1, 0]]], np.tensordot(p, q, ([2, 1], [1, 0]))); case("tensordot", [f(2) * 0 + 3, q], [0], np.tensordot(np.full(2, 3.0), q, 0))
case("outer", [y, w], [], np.outer(y, w))
for eq, shapes in (("ij,jk->ik", ((2, 3), (3, 4))), ("ij,jk", ((2, 3), (3, 4))), ("ba,b", ((2, 3), (2,))), ("ii->i", ((3, 3),)), ("ii", ((3, 3),)), ("iij->ji", ((3, 3, 2),)), ("ij->ji", ((2, 3),)), ("ij->", ((2, 3),)),
    ("i,j->ij", ((2,), (3,))), ("i,i->", ((3,), (3,))), ("bhqd,bhkd->bhqk", ((2, 3, 4, 5), (2, 3, 6, 5))), ("...ij,...jk->...ik", ((2, 1, 3, 4), (5, 4, 2))), ("...ij,...jk", ((3, 4), (5, 4, 2))), ("i...->...", ((2, 3, 4),)),
    ("ab,bc,cd->ad", ((2, 3), (3, 4), (4, 5))), ("ab,bc,ac->b", ((2, 3), (3, 4), (2, 4))), ("ijk,k->j", ((2, 3, 4), (4,))), ("ab,cd->bd", ((2, 3), (4, 5))), ("aab,b->a", ((2, 2, 3), (3,))), ("b n d , d e -> b n e", ((2, 3, 4), (4, 5))),
    ("a,b,c->cab", ((2,), (3,), (4,))), ("ab,ab,ab->ab", ((2, 3), (2, 3), (2, 3)))):
    ops = [f(*shape) for shape in shapes]
    case("einsum", ops, [eq], np.einsum(eq.replace(" ", ""), *ops))
case("trace", [z], [{"offset": 1}], np.trace(z, 1)); case("diagonal", [x], [], np.diagonal(x)); case("diagonal", [x], [{"offset": -1, "axes": [2, 0]}], np.diagonal(x, -1, 2, 0))
for k in (-1, 0, 2): case("tril", [x], [k], np.tril(x, k)); case("triu", [x], [k], np.triu(x, k)); case("diag", [w], [k], np.diag(w, k)); case("diag", [z], [k], np.diag(z, k))

# elementwise
special_values = np.array([0.0, -0.0, 0.3, -0.3, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 3.7, -7.2, 20, -20, 1e-9, -1e-9, np.inf, -np.inf, np.nan])
with np.errstate(all="ignore"):
    for name, fn in (("sinh", np.sinh), ("cosh", np.cosh), ("tan", np.tan), ("erfc", special.erfc), ("round", np.round), ("trunc", np.trunc), ("ceil", np.ceil), ("floor", np.floor), ("sign", np.sign), ("abs", np.abs), ("asin", np.arcsin), ("acos", np.arccos),
        ("isNaN", np.isnan), ("isFinite", np.isfinite), ("log2", np.log2), ("log10", np.log10), ("rsqrt", lambda v: 1 / np.sqrt(v)), ("softplus", lambda v: np.logaddexp(v, 0)), ("logSigmoid", special.log_expit), ("sigmoid", special.expit), ("square", np.square), ("logicalNot", np.logical_not)):
        v = special_values
        if name in ("tan",): v = v[np.isfinite(v)]
        if name == "rsqrt": v = v[v != 0]
        case(name, [v], [], fn(v))
    u = np.array([-0.99999994, -0.97, -0.5, -1e-4, 0, 1e-4, 0.5, 0.97, 0.9999, 0.99999994, 1, -1]); case("erfinv", [u], [], special.erfinv(u))
    t = np.array([0.5, 1, 2, 4, 8, 9.1, 13, 25]); case("erfc", [t], [], special.erfc(t))
    a, b = [g.ravel() for g in np.meshgrid(special_values, special_values)]
    for name, fn in (("atan2", np.arctan2), ("maximum", np.maximum), ("minimum", np.minimum), ("lessEqual", np.less_equal), ("greaterEqual", np.greater_equal), ("notEqual", np.not_equal), ("less", np.less), ("greater", np.greater), ("equal", np.equal)):
        case(name, [a, b], [], fn(a, b))
    fa, fb = f(40) * 5, f(40)
    case("mod", [fa, fb], [], np.mod(fa, fb)); case("floorDivide", [fa, fb], [], np.floor_divide(fa, fb)); case("floorDivide", [np.array([1.0, -1.0, 6.0])], [0.1], np.floor_divide([1.0, -1.0, 6.0], 0.1))
    ia, ib = i32(40), i32(40, low=1); ib = ib * np.sign(i32(40) + 0.5).astype(np.int32)
    case("mod", [ia, ib], [], np.mod(ia, ib)); case("floorDivide", [ia, ib], [], np.floor_divide(ia, ib)); case("pow", [ia], [3], ia ** 3); case("pow", [np.abs(fa)], [1.7], np.abs(fa) ** 1.7); case("pow", [fa], [-3], fa ** -3.0); case("pow", [fa], [0], fa ** 0)
    for name, fn in (("bitwiseAnd", np.bitwise_and), ("bitwiseOr", np.bitwise_or), ("bitwiseXor", np.bitwise_xor)): case(name, [ia, ib], [], fn(ia, ib))
    case("bitwiseNot", [ia], [], ~ia); case("shiftLeft", [ia], [3], ia << 3); case("shiftRight", [ia], [1], ia >> 1)
for sh in (((3, 1), (4,)), ((2, 1, 3), (5, 1)), ((), (2, 2)), ((1,), (0,))): p, q = f(*sh[0]), f(*sh[1]); case("add", [p, q], [], p + q); case("sub", [p, q], [], p - q); case("mul", [p, q], [], p * q)

# softmax family
rows = np.array([[1.0, 2, 3], [1000, 1000, -1000], [-np.inf, 0, 1]]); case("softmax", [rows], [], special.softmax(rows, -1)); case("logSoftmax", [rows], [], special.log_softmax(rows, -1)); case("softmax", [x], [[0, 2]], special.softmax(x, (0, 2)))
none = np.full((1, 3), -np.inf); case("softmax", [none], [], np.zeros((1, 3))); case("logSoftmax", [none], [], none); case("logSumExp", [np.array([[-np.inf, -np.inf], [np.inf, 1], [np.nan, 1]])], [1], np.array([-np.inf, np.inf, np.nan]))
g = f(12) * 3; case("gelu", [g], [], g * special.ndtr(g)); case("silu", [g], [], g * special.expit(g)); case("elu", [g], [], np.where(g > 0, g, np.expm1(g))); case("softsign", [g], [], g / (1 + np.abs(g))); case("mish", [g], [], g * np.tanh(np.logaddexp(g, 0)))

# norms of matrices
for order in (1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc"):
    said = {np.inf: "inf", -np.inf: "-inf"}.get(order, order)
    case("normOf", [z], [None, {"order": said}], np.linalg.norm(z, ord=order))
    case("normOf", [x], [[0, 2], {"order": said, "keepDims": True}], np.linalg.norm(x, ord=order, axis=(0, 2), keepdims=True))
    case("normOf", [x], [[-1, 1], {"order": said}], np.linalg.norm(x, ord=order, axis=(-1, 1)))
case("normOf", [x], [1, {"order": "inf"}], np.linalg.norm(x, ord=np.inf, axis=1)); case("normOf", [x], [], np.sqrt(np.sum(x * x)))

text = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
pathlib.Path(__file__).with_name("numpy.json").write_text("[\n" + text + "\n]\n")
print(len(cases), "cases")
