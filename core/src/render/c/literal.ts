import type { DType } from "../../base/dtype.ts";

/** The shortest decimal text that C reads as the f32 nearest to `value`. */
export function floatLiteral(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return "NAN";
  if (!Number.isFinite(single)) return single > 0 ? "INFINITY" : "-INFINITY";
  if (Object.is(single, -0)) return "-0.0f";
  let text = String(single);
  for (let digits = 1; digits <= 9; digits++) {
    const short = String(Number(single.toPrecision(digits)));
    if (Math.fround(Number(short)) === single) {
      text = short;
      break;
    }
  }
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** An integer or bool of `dtype` as C. */
export function integerLiteral(value: number, dtype: DType): string {
  if (dtype === "u32") return `${value >>> 0}u`;
  return value === -2147483648 ? "INT32_MIN" : String(value);
}
