export { eigh } from "./eigh.ts";
export { type MatrixNormOptions, type NormOrder, normOf } from "./norm.ts";
export { qr } from "./qr.ts";
export { det, inv, luFactor, matrixPower, slogdet, solve } from "./solve.ts";
export { lstsq, matrixRank, pinv, svd } from "./svd.ts";
export { cholesky, choleskyInverse, solveTriangular, type TriangularOptions } from "./triangular.ts";
