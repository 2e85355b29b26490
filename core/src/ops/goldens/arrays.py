"""Writes arrays.json: what NumPy and SciPy give for further calls of goldens.test.ts. Run: python3 arrays.py (NumPy 2.4, SciPy 1.17)."""
import json, pathlib
import numpy as np
from scipy import special

cases = []
rng = np.random.default_rng(17)
names = {"float64": "f32", "int32": "i32", "int64": "i32", "bool": "bool", "uint8": "u8"}


def plain(x):
    def one(v):
        if isinstance(v, (bool, int)): return int(v)
        return float("%.13g" % v) if np.isfinite(v) else "nan" if np.isnan(v) else "inf" if v > 0 else "-inf"
    return [one(v) for v in np.asarray(x).ravel().tolist()]


def array(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "dtype": names[str(x.dtype)], "data": plain(x)}


def case(call, inputs, args, result):
    cases.append({"call": call, "inputs": [array(i) for i in inputs], "args": args, "result": array(result)})


def several(call, inputs, args, results):
    """A call that gives several tensors: each is a case, named with its place."""
    for at, result in enumerate(results): case(f"{call} {at}", inputs, args, result)


f = lambda *shape: np.round(rng.normal(size=shape), 3)
i32 = lambda *shape, low=-9, high=10: rng.integers(low, high, size=shape).astype(np.int32)
np.seterr(all="ignore")

# elementwise
values = np.array([0.0, 0.3, -0.3, 1, -1, 0.5, -0.5, 1.5, -2.5, 3.7, -7.2, 20, -20, 1e-9, -1e-9, 1e12, np.inf, -np.inf, np.nan])
for name, fn in (("asinh", np.arcsinh), ("cbrt", np.cbrt), ("exp2", np.exp2), ("degToRad", np.deg2rad), ("radToDeg", np.rad2deg), ("isNegInf", np.isneginf), ("isPosInf", np.isposinf), ("isInfinite", np.isinf), ("signBit", np.signbit), ("nanToNum", lambda v: np.nan_to_num(v, posinf=3.4028234663852886e38, neginf=-3.4028234663852886e38))):
    case(name, [values[:-1] if name in ("signBit",) else values], [], fn(values[:-1] if name in ("signBit",) else values))
case("sinc", [values[:15]], [], np.sinc(values[:15]))
u = np.array([1, 1.0001, 1.5, 2, 30, 1e5, 1e12, np.inf, 0.5, np.nan]); case("acosh", [u], [], np.arccosh(u))
u = np.array([0, 0.1, -0.5, 0.999, -0.999, 1e-9, 1, -1, 2]); case("atanh", [u], [], np.arctanh(u))
case("nanToNum", [values], [{"nan": 7, "high": 9, "low": -8}], np.nan_to_num(values, nan=7, posinf=9, neginf=-8))
a, b = [g.ravel() for g in np.meshgrid(values, values)]
for name, fn in (("fmax", np.fmax), ("fmin", np.fmin), ("logAddExp", np.logaddexp), ("isClose", np.isclose)): case(name, [a, b], [], fn(a, b))
case("isClose", [a, b], [{"equalNaN": True, "relative": 0.5}], np.isclose(a, b, rtol=0.5, equal_nan=True))
finite = values[:-3]; a, b = [g.ravel() for g in np.meshgrid(finite, finite)]
case("hypot", [a, b], [], np.hypot(a, b)); case("logAddExp2", [a[:40], b[:40]], [], np.logaddexp2(a[:40], b[:40])); case("heaviside", [values, np.full(19, 0.5)], [], np.heaviside(values, 0.5))
fa, fb = f(30) * 5, f(30); case("fmod", [fa, fb], [], np.fmod(fa, fb))
e = i32(30, low=-4, high=5); case("ldexp", [fa, e], [], np.ldexp(fa, e))
ia, ib = i32(40, low=-60, high=60), i32(40, low=-60, high=60); case("gcd", [ia, ib], [], np.gcd(ia, ib)); case("lcm", [ia, ib], [], np.lcm(ia, ib)); case("gcd", [np.array([1836311903, 0], np.int32), np.array([1134903170, 0], np.int32)], [], np.array([1, 0], np.int32))
case("bitwiseNot", [ia], [], ~ia)

# statistics
x = f(3, 4, 5); z = f(4, 6)
case("average", [x], [1], np.average(x, 1)); case("median", [x], [], np.median(x)); case("median", [z], [0], np.median(z, 0)); case("median", [z], [1, {"keepDims": True}], np.median(z, 1, keepdims=True)); case("median", [x], [[0, 2]], np.median(x, (0, 2)))
for method in ("linear", "lower", "higher", "midpoint", "nearest"):
    case("quantile", [x], [[0, 0.25, 0.4, 0.9, 1], 1, {"method": method}], np.quantile(x, [0, 0.25, 0.4, 0.9, 1], 1, method=method))
case("quantile", [x], [0.3], np.quantile(x, 0.3)); case("percentile", [x], [30, [1, 2]], np.percentile(x, 30, (1, 2))); case("quantile", [np.array([[1, np.nan, 3], [1.0, 2, 4]])], [0.5, 1], np.quantile(np.array([[1, np.nan, 3], [1.0, 2, 4]]), 0.5, 1))
case("ptp", [x], [1], np.ptp(x, 1)); case("countNonzero", [np.array([[0, 1, 2], [0, 0, 3]], np.int32)], [1], np.count_nonzero(np.array([[0, 1, 2], [0, 0, 3]]), 1))
holes = x.copy(); holes[rng.uniform(size=x.shape) < 0.3] = np.nan; holes[0, :, 0] = np.nan
import warnings; warnings.simplefilter("ignore")
for axis in (None, 1, -1):
    for name, fn in (("nanSum", np.nansum), ("nanProd", np.nanprod), ("nanMax", np.nanmax), ("nanMin", np.nanmin), ("nanMean", np.nanmean), ("nanVariance", np.nanvar), ("nanStd", np.nanstd), ("nanMedian", np.nanmedian)):
        case(name, [holes], [axis], fn(holes, axis))
case("nanQuantile", [holes], [0.3, 1], np.nanquantile(holes, 0.3, 1)); case("nanPercentile", [holes], [[10, 80], -1], np.nanpercentile(holes, [10, 80], -1))
some = np.where(np.isnan(holes), 0.5, holes); some[0, 1, 2] = np.nan; case("nanArgmax", [some], [1], np.nanargmax(some, 1)); case("nanArgmin", [some], [2], np.nanargmin(some, 2))
case("nanCumsum", [holes], [1], np.nancumsum(holes, 1)); case("nanCumprod", [holes], [2], np.nancumprod(holes, 2)); case("cumprod", [x], [0], np.cumprod(x, 0)); case("cumprod", [z], [], np.cumprod(z)); case("cumprod", [z], [1, {"reverse": True}], np.cumprod(z[:, ::-1], 1)[:, ::-1])
edges = np.array([-1, -0.5, 0.2, 0.2, 1.1]); probe = np.array([[-2, -1, 0.2], [0.3, 1.1, 5]])
for side in ("left", "right"): case("searchSorted", [edges, probe], [side], np.searchsorted(edges, probe, side))
case("digitize", [probe, edges], [], np.digitize(probe, edges)); case("bincount", [np.array([1, 3, 1, 0, 3, 3], np.int32), ], [5], np.bincount([1, 3, 1, 0, 3, 3], minlength=5))
data = f(50); counts, marks = np.histogram(data, 7); several("histogram", [data], [{"bins": 7}], [counts, marks])
counts, marks = np.histogram(data, 5, (-1, 0.5)); several("histogram", [data], [{"bins": 5, "range": [-1, 0.5]}], [counts, marks]); case("histogram 0", [np.array([2.0, 2, 2])], [{"bins": 4}], np.histogram([2.0, 2, 2], 4)[0])
case("corrcoef", [z], [], np.corrcoef(z))

for mode in ("valid", "same", "full"):
    for n, m in ((7, 3), (6, 4), (3, 7), (4, 4)):
        one, two = np.round(np.sin(np.arange(n) * 1.7 + 1), 3), np.round(np.cos(np.arange(m) * 2.3), 3)
        case("correlate", [one, two], [mode], np.correlate(one, two, mode))

# putting together and taking apart
y = f(3, 4, 5); v, w = f(4), f(4); m = f(4, 3)
for name, fn in (("hstack", np.hstack), ("vstack", np.vstack), ("dstack", np.dstack)): case(name, [x, y], [], fn([x, y])); case(name, [v, w], [], fn([v, w]))
case("columnStack", [v, m], [], np.column_stack([v, m])); case("append", [x, y], [1], np.append(x, y, 1)); case("append", [v, m], [], np.append(v, m))
several("arraySplit", [np.arange(14.0).reshape(7, 2)], [3], np.array_split(np.arange(14.0).reshape(7, 2), 3)); several("hsplit", [z], [3], np.hsplit(z, 3)); several("vsplit", [z], [[1, 3]], np.vsplit(z, [1, 3])); several("dsplit", [x], [5], np.dsplit(x, 5))
case("flipud", [m], [], np.flipud(m)); case("fliplr", [m], [], np.fliplr(m))
for k in (-1, 0, 1, 2, 3, 5): case("rot90", [x], [k], np.rot90(x, k)); case("rot90", [x], [k, [2, 0]], np.rot90(x, k, (2, 0)))
p, q, r = f(2), f(3), f(4)
for mode in ("xy", "ij"): several("meshgrid", [p, q, r], [{"indexing": mode}], np.meshgrid(p, q, r, indexing=mode))
case("diff", [x], [], np.diff(x)); case("diff", [x], [2, 1], np.diff(x, 2, 1)); case("trapezoid", [x], [{"axis": 1, "dx": 0.5}], np.trapezoid(x, dx=0.5, axis=1))
c3, d3, c2, d2 = f(5, 3), f(5, 3), f(5, 2), f(5, 2); case("cross", [c3, d3], [], np.cross(c3, d3)); case("cross", [c2, d2], [], c2[:, 0] * d2[:, 1] - c2[:, 1] * d2[:, 0])
k2 = f(2, 2); case("kron", [m, k2], [], np.kron(m, k2)); case("kron", [v, m], [], np.kron(v, m)); case("inner", [x, f(2, 5) * 0 + 2], [], np.inner(x, np.full((2, 5), 2.0))); case("vdot", [m, m * 2], [], np.vdot(m, m * 2))
case("diagflat", [k2], [1], np.diagflat(k2, 1)); case("vander", [v], [], np.vander(v)); case("vander", [v, ], [3, {"increasing": True}], np.vander(v, 3, increasing=True))
n = i32(3, 4, low=0, high=6); case("isIn", [n, np.array([1, 4, 5], np.int32)], [], np.isin(n, [1, 4, 5])); several("unravelIndex", [np.array([[5, 59], [0, 33]], np.int32)], [[3, 4, 5]], np.unravel_index([[5, 59], [0, 33]], (3, 4, 5)))
case("select", [v > 0.5, v > 0, v, v * 2], [-1], np.select([v > 0.5, v > 0], [v, v * 2], -1.0))
for name, args, result in (("tri", [3, 4, 1], np.tri(3, 4, 1)), ("geomspace", [1, 1000, 4], np.geomspace(1, 1000, 4)), ("geomspace", [-2, -32, 5], np.geomspace(-2, -32, 5)), ("logspace", [0, 2, 5], np.logspace(0, 2, 5)), ("logspace", [0, 3, 4, 2], np.logspace(0, 3, 4, base=2))): case(name, [], args, result)
for name in ("hanning", "hamming", "blackman", "bartlett"):
    for size in (1, 2, 7, 8): case(name, [], [size], getattr(np, name)(size))

# linear algebra
s3, s4 = f(2, 3, 3), f(4, 4); spd = s4 @ s4.T + np.eye(4)
case("cholesky", [spd], [], np.linalg.cholesky(spd)); case("inv", [s3], [], np.linalg.inv(s3)); case("det", [s3], [], np.linalg.det(s3)); case("det", [s4], [], np.linalg.det(s4)); case("det", [np.array([[0.0, 1], [1, 0]])], [], np.linalg.det(np.array([[0.0, 1], [1, 0]]))); case("det", [np.ones((3, 3))], [], 0.0)
several("slogdet", [s3], [], list(np.linalg.slogdet(s3))); case("solve", [s4, m], [], np.linalg.solve(s4, m)); case("solve", [s4, v], [], np.linalg.solve(s4, v)); case("solve", [s3, f(3, 2) * 0 + 1], [], np.linalg.solve(s3, np.ones((3, 2))))
lower = np.tril(s4) + 3 * np.eye(4); case("solveTriangular", [lower, m], [], np.linalg.solve(lower, m)); case("solveTriangular", [lower.T, m], [{"lower": False}], np.linalg.solve(lower.T, m)); case("solveTriangular", [lower, v], [{"transpose": True}], np.linalg.solve(lower.T, v)); case("choleskyInverse", [lower], [], np.linalg.inv(lower @ lower.T))
from scipy.linalg import lu_factor
several("luFactor", [s4], [], [lu_factor(s4)[0], lu_factor(s4)[1].astype(np.int32)])
for power in (0, 1, 5, -2): case("matrixPower", [s4 / 2], [power], np.linalg.matrix_power(s4 / 2, power))
for shape in ((4, 4), (5, 3), (3, 5), (2, 4, 3)): t = f(*shape); several("qr", [t], [], list(np.linalg.qr(t)))
case("qr 0", [f(4, 2) * 0 + np.eye(4, 2)], [{"mode": "complete"}], np.linalg.qr(np.eye(4, 2), "complete")[0])
for shape in ((4, 4), (5, 3), (3, 5), (2, 6, 5)): t = f(*shape); case("svd 1", [t], [], np.linalg.svd(t)[1]); case("pinv", [t], [], np.linalg.pinv(t))
low = f(5, 2) @ f(2, 4); case("matrixRank", [low], [], np.int32(2)); case("pinv", [low], [], np.linalg.pinv(low, 1e-7)); t, g = f(5, 3), f(5); case("lstsq", [t, g], [], np.linalg.lstsq(t, g)[0])
for size in (1, 2, 5, 6, 9): t = f(size, size); t = t + t.T; case("eigh 0", [t], [], np.linalg.eigh(t)[0])

# activations
g = np.concatenate([f(12) * 2, [-1, 1, 0]])
for name, fn in (("hardTanh", lambda v: np.clip(v, -1, 1)), ("tanhShrink", lambda v: v - np.tanh(v)), ("squareplus", lambda v: (v + np.sqrt(v * v + 4)) / 2), ("sparsePlus", lambda v: np.where(v <= -1, 0, np.where(v < 1, (v + 1) ** 2 / 4, v))), ("sparseSigmoid", lambda v: (np.clip(v, -1, 1) + 1) / 2)): case(name, [g], [], fn(g))

# options
for name, args, result in (("linspace", [1, 3, 4, {"endpoint": False}], np.linspace(1, 3, 4, endpoint=False)), ("linspace", [1, 3, 1], np.linspace(1, 3, 1)), ("linspace", [1, 3, 1, {"endpoint": False}], np.linspace(1, 3, 1, endpoint=False)),
    ("geomspace", [1, 16, 4, {"endpoint": False}], np.geomspace(1, 16, 4, endpoint=False)), ("logspace", [0, 4, 4, 2, {"endpoint": False}], np.logspace(0, 4, 4, base=2, endpoint=False))): case(name, [], args, result)
t = np.array([1.25, 2.345, -0.5, 15.0, 25.0, -35.5, 149.9]); 
for decimals in (1, 2, -1, -2): case("round", [t], [decimals], np.round(t, decimals))
n = i32(3, 4, low=0, high=6); case("isIn", [n, np.array([1, 4], np.int32)], [{"invert": True}], np.isin(n, [1, 4], invert=True))
p, q = f(3, 5), f(3, 5); case("cross", [p, q], [0], np.cross(p, q, axis=0)); p, q = f(2, 3, 4), f(2, 3, 4); case("cross", [p, q], [1], np.cross(p, q, axis=1)); case("cross", [p, q], [0], p[0] * q[1] - p[1] * q[0])
t = f(4, 4); t = t @ t.T + np.eye(4); case("cholesky", [t], [{"upper": True}], np.linalg.cholesky(t).T); case("choleskyInverse", [np.linalg.cholesky(t).T.copy()], [{"upper": True}], np.linalg.inv(t))
t, g = f(5, 2) @ f(2, 4), f(5); case("lstsq", [t, g], [{"tolerance": 1e-6}], np.linalg.lstsq(t, g, rcond=1e-6)[0])
t, g = i32(2, 6), i32(2, 6); case("trapezoid", [t], [], np.trapezoid(t)); case("isClose", [t, g], [], np.isclose(t, g)); case("isClose", [t, t], [], np.isclose(t, t))
none = np.zeros((2, 0, 3)); case("pad", [none], [[[1, 0], [0, 0], [0, 2]], {"mode": "edge"}], np.pad(none, [[1, 0], [0, 0], [0, 2]], "edge"))
a, b = i32(5), i32(5, low=-3, high=4); case("ldexp", [a, b], [], np.ldexp(a.astype(float), b))

text = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
pathlib.Path(__file__).with_name("arrays.json").write_text("[\n" + text + "\n]\n")
print(len(cases), "cases")
