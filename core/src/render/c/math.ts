import { snippet } from "./snippet.ts";
import { twoOverPi } from "./twoOverPi.ts";

/**
 * Vector mathematics: branch-free inline functions that a compiler can run in lanes. The polynomials were fitted for this
 * file with the Remez exchange in 60 digits, for the smallest relative error of the whole function; the reductions are
 * those of Cody & Waite, "Software Manual for the Elementary Functions" (1980). `math.test.ts` of the native package
 * measures the errors. `x < limit ? limit : x` keeps a NaN. What fuses says so (`fused_f32`): compilers fuse nothing by themselves.
 */
export const mathSnippets = {
  power_of_two: snippet(
    `
    /* 2^k for -126 <= k <= 127. */
    INLINE float power_of_two(int32_t k) {
      return float_of((int32_t)((uint32_t)(k + 127) << 23));
    }
    `,
    ["float_of"],
  ),

  exp_f32: snippet(
    `
    /* e^x = 2^k e^r, |r| <= ln 2 / 2. Adding 1.5 2^23 rounds to an integer. */
    INLINE float exp_f32(float x) {
      x = x < -104.0f ? -104.0f : x;
      x = x > 89.0f ? 89.0f : x;
      float shifted = fused_f32(x, 0x1.715476p+0f, 0x1.8p+23f);
      float n = shifted - 0x1.8p+23f;
      float r = fused_f32(-n, 0x1.7f7d1cp-20f, fused_f32(-n, 0x1.62e4p-1f, x));
      float q = 0x1.6a2404p-10f;
      q = fused_f32(q, r, 0x1.123a00p-7f);
      q = fused_f32(q, r, 0x1.5558f2p-5f);
      q = fused_f32(q, r, 0x1.555492p-3f);
      q = fused_f32(q, r, 0x1.fffffcp-2f);
      float p = 1.0f + fused_f32(r * r, q, r);
      int32_t k = bits_of(shifted) - 0x4b400000;
      int32_t half = k >> 1; /* in two steps, so that subnormal results round once */
      return p * power_of_two(half) * power_of_two(k - half);
    }
    `,
    ["bits_of", "power_of_two", "fused_f32"],
  ),

  expm1_f32: snippet(
    `
    /* 2^k e^r - 1 = 2 (2^(k-1) (e^r - 1) + 2^(k-1) - 1/2). */
    INLINE float expm1_f32(float x) {
      float y = x < -18.0f ? -18.0f : x;
      y = y > 89.0f ? 89.0f : y;
      float shifted = fused_f32(y, 0x1.715476p+0f, 0x1.8p+23f);
      float n = shifted - 0x1.8p+23f;
      float r = fused_f32(-n, 0x1.7f7d1cp-20f, fused_f32(-n, 0x1.62e4p-1f, y));
      float q = 0x1.a2a356p-13f;
      q = fused_f32(q, r, 0x1.6d8370p-10f);
      q = fused_f32(q, r, 0x1.11101ep-7f);
      q = fused_f32(q, r, 0x1.55549ep-5f);
      q = fused_f32(q, r, 0x1.555556p-3f);
      q = fused_f32(q, r, 0.5f);
      float p = fused_f32(r * r, q, r);
      float scale = power_of_two(bits_of(shifted) - 0x4b400000 - 1);
      float half = fused_f32(scale, p, scale - 0.5f);
      return fabs_f32(x) < 0x1p-25f ? x : half + half;
    }
    `,
    ["bits_of", "power_of_two", "fabs_f32", "fused_f32"],
  ),

  log_f32: snippet(
    `
    /* x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt 2; log(1 + f) = 2 atanh(s) with s = f / (2 + f). */
    INLINE float log_f32(float x) {
      int32_t subnormal = x < 0x1p-126f;
      int32_t bits = bits_of(subnormal ? x * 0x1p+23f : x);
      int32_t k = (int32_t)((uint32_t)bits - 0x3f3504f3u) >> 23;
      float f = float_of((int32_t)((uint32_t)bits - ((uint32_t)k << 23))) - 1.0f;
      float n = (float)(subnormal ? k - 23 : k);
      float s = f / (2.0f + f);
      float z = s * s;
      float r = 0x1.e340b4p-3f;
      r = fused_f32(r, z, 0x1.2436fep-2f);
      r = fused_f32(r, z, 0x1.999a82p-2f);
      r = fused_f32(r, z, 0x1.555554p-1f);
      float low = fused_f32(s, fused_f32(-z, r, f), -(n * 0x1.7f7d1cp-20f));
      float y = fused_f32(n, 0x1.62e4p-1f, f - low);
      y = x > 0x1.fffffep+127f ? x : y;
      y = x == 0.0f ? -INFINITY : y;
      return x >= 0.0f ? y : NAN;
    }
    `,
    ["bits_of", "float_of", "fused_f32"],
  ),

  log1p_f32: snippet(
    `
    /* log(u) with u = 1 + x rounded, and what the rounding lost divided by u. */
    INLINE float log1p_f32(float x) {
      float u = 1.0f + x;
      int32_t bits = bits_of(u);
      int32_t k = (int32_t)((uint32_t)bits - 0x3f3504f3u) >> 23;
      float lost = x > 1.0f ? 1.0f - (u - x) : x - (u - 1.0f);
      float f = k == 0 ? x : float_of((int32_t)((uint32_t)bits - ((uint32_t)k << 23))) - 1.0f;
      float n = (float)k;
      float c = fused_f32(n, 0x1.7f7d1cp-20f, k == 0 ? 0.0f : lost / u);
      float s = f / (2.0f + f);
      float z = s * s;
      float r = 0x1.e340b4p-3f;
      r = fused_f32(r, z, 0x1.2436fep-2f);
      r = fused_f32(r, z, 0x1.999a82p-2f);
      r = fused_f32(r, z, 0x1.555554p-1f);
      float y = fused_f32(n, 0x1.62e4p-1f, f - fused_f32(s, fused_f32(-z, r, f), -c));
      y = fabs_f32(x) < 0x1p-25f ? x : y;
      y = x > 0x1.fffffep+127f ? x : y;
      y = x == -1.0f ? -INFINITY : y;
      return x >= -1.0f ? y : NAN;
    }
    `,
    ["bits_of", "float_of", "fabs_f32", "fused_f32"],
  ),

  tanh_f32: snippet(
    `
    /* x + x^3 p(x^2) near 0, else 1 - 2 / (e^2x + 1). */
    INLINE float tanh_f32(float x) {
      float a = fabs_f32(x);
      float z = a * a;
      float p = -0x1.75623ep-8f;
      p = fused_f32(p, z, 0x1.520b2cp-6f);
      p = fused_f32(p, z, -0x1.b83854p-5f);
      p = fused_f32(p, z, 0x1.11070ap-3f);
      p = fused_f32(p, z, -0x1.555532p-2f);
      float near = fused_f32(a * z, p, a);
      float far = 1.0f - 2.0f / (exp_f32(a + a) + 1.0f);
      return copysign_f32(a < 0.625f ? near : far, x);
    }
    `,
    ["exp_f32", "fabs_f32", "copysign_f32", "fused_f32"],
  ),

  erf_f32: snippet(
    `
    /* x + x p(x^2) near 0, else 1 - q(x)^8: an eighth root of erfc is smooth. It is 1 from 3.93 on. */
    INLINE float erf_f32(float x) {
      float a = fabs_f32(x);
      float z = a * a;
      float p = 0x1.23bedcp-14f;
      p = fused_f32(p, z, -0x1.952ac2p-11f);
      p = fused_f32(p, z, 0x1.51dc4ap-8f);
      p = fused_f32(p, z, -0x1.b7afc8p-6f);
      p = fused_f32(p, z, 0x1.ce28c0p-4f);
      p = fused_f32(p, z, -0x1.81272ap-2f);
      p = fused_f32(p, z, 0x1.06eba8p-3f); /* 2 / sqrt(pi) - 1 */
      float near = fused_f32(a, p, a);
      float b = a > 3.93f ? 3.93f : a;
      float q = 0x1.571ae2p-13f;
      q = fused_f32(q, b, -0x1.573facp-9f);
      q = fused_f32(q, b, 0x1.bd227ap-7f);
      q = fused_f32(q, b, -0x1.a67ce8p-7f);
      q = fused_f32(q, b, -0x1.e75e46p-5f);
      q = fused_f32(q, b, -0x1.2bb7dcp-3f);
      q = fused_f32(q, b, 0x1.004da4p+0f);
      q = q * q;
      q = q * q;
      return copysign_f32(a < 1.14f ? near : fused_f32(-q, q, 1.0f), x);
    }
    `,
    ["fabs_f32", "copysign_f32", "fused_f32"],
  ),

  erfc_of_normal: snippet(
    `
    /* erfc(a / sqrt 2) for 0 <= a <= 7.536, as (1 + a p(a))^8, whose roots stay distances from 1 while they are near it. */
    INLINE float erfc_of_normal(float a) {
      float p = -0x1.463f08p-28f;
      p = fused_f32(p, a, -0x1.080a88p-22f);
      p = fused_f32(p, a, 0x1.0085aep-17f);
      p = fused_f32(p, a, -0x1.0bee58p-14f);
      p = fused_f32(p, a, 0x1.195936p-15f);
      p = fused_f32(p, a, 0x1.af5984p-10f);
      p = fused_f32(p, a, -0x1.82370ap-11f);
      p = fused_f32(p, a, -0x1.1d367ep-5f);
      p = fused_f32(p, a, -0x1.988434p-4f);
      float r = p * a;
      r = r * (r + 2.0f);
      r = fused_f32(r, r + 2.0f, 1.0f);
      return r * r;
    }
    `,
    ["fused_f32"],
  ),

  gelu_f32: snippet(
    `
    /* max(x, 0) - |x| erfc(|x| / sqrt 2) / 2. */
    INLINE float gelu_f32(float x) {
      float a = fabs_f32(x);
      a = a > 7.536f ? 7.536f : a;
      return fused_f32(a * -0.5f, erfc_of_normal(a), x < -0.0f ? -0.0f : x);
    }
    `,
    ["fabs_f32", "fused_f32", "erfc_of_normal"],
  ),

  geluDerivative_f32: snippet(
    `
    /*
     * 1/2 + sign(x) (1/2 - erfc(a / sqrt 2) / 2 + a phi(a)), a = |x|, phi(a) = e^(-aa/2) / sqrt(2 pi). With aa = -2 (n ln 2 + r)
     * the exponential is 2^n p(-2 r), p being that of exp_f32; n >= -41.
     */
    INLINE float geluDerivative_f32(float x) {
      float a = fabs_f32(x);
      a = a > 7.536f ? 7.536f : a;
      float z = a * a;
      float shifted = fused_f32(z, -0x1.715476p-1f, 0x1.8p+23f);
      float s = fused_f32(shifted - 0x1.8p+23f, 0x1.62e430p+0f, z);
      float p = 0x1.6a2404p-16f;
      p = fused_f32(p, s, -0x1.123a00p-12f);
      p = fused_f32(p, s, 0x1.5558f2p-9f);
      p = fused_f32(p, s, -0x1.555492p-6f);
      p = fused_f32(p, s, 0x1.fffffcp-4f);
      p = fused_f32(p, s, -0.5f);
      p = fused_f32(p, s, 1.0f);
      p = float_of((int32_t)((uint32_t)bits_of(p) + ((uint32_t)bits_of(shifted) << 23)));
      float half = fused_f32(erfc_of_normal(a), -0.5f, 0.5f);
      return copysign_f32(fused_f32(a * 0x1.988454p-2f, p, half), x) + 0.5f;
    }
    `,
    ["fabs_f32", "copysign_f32", "bits_of", "float_of", "fused_f32", "erfc_of_normal"],
  ),

  atan_f32: snippet(
    `
    /* x + x^3 p(x^2) up to 1, else pi/2 - atan(1/x). */
    INLINE float atan_f32(float x) {
      float a = fabs_f32(x);
      float b = a > 1.0f ? 1.0f / a : a;
      float z = b * b;
      float p = -0x1.d62fdcp-10f;
      p = fused_f32(p, z, 0x1.65a650p-7f);
      p = fused_f32(p, z, -0x1.fed154p-6f);
      p = fused_f32(p, z, 0x1.dac9dcp-5f);
      p = fused_f32(p, z, -0x1.58348ep-4f);
      p = fused_f32(p, z, 0x1.c099fep-4f);
      p = fused_f32(p, z, -0x1.2421b6p-3f);
      p = fused_f32(p, z, 0x1.9991fep-3f);
      p = fused_f32(p, z, -0x1.55553ep-2f);
      float y = fused_f32(b * z, p, b);
      return copysign_f32(a > 1.0f ? 0x1.921fb6p+0f - (y + 0x1.777a5cp-25f) : y, x);
    }
    `,
    ["fabs_f32", "copysign_f32", "fused_f32"],
  ),

  two_over_pi: snippet(`
    /*
     * 2^k 2/pi modulo 4, each in two parts: products of the first part and an f32 are exact in a double
     * (the idea of Payne & Hanek 1983).
     */
    static const double two_over_pi_high[${twoOverPi.high.length}] = {
${rows(twoOverPi.high)}
    };
    static const double two_over_pi_low[${twoOverPi.low.length}] = {
${rows(twoOverPi.low)}
    };
  `),

  quarter_turn: snippet(
    `
    /* |x| = (n + turn) pi/2 with |turn| <= 1/2; returns turn pi/2. The scaled |x| is below 2^24. */
    INLINE float quarter_turn(float x, int32_t *n) {
      int32_t bits = bits_of(fabs_f32(x));
      int32_t k = (bits >> 23) - 150;
      k = k < 0 ? 0 : k;
      k = k > 104 ? 104 : k;
      double m = (double)float_of(bits - (k << 23));
      double high = two_over_pi_high[k];
      double low = two_over_pi_low[k];
      double shifted = fused_f64(m, low, m * high) + 0x1.8p+52;
      double whole = shifted - 0x1.8p+52;
      *n = (int32_t)whole;
      return (float)(fused_f64(m, low, fused_f64(m, high, -whole)) * 0x1.921fb54442d18p+0);
    }
    `,
    ["bits_of", "float_of", "fabs_f32", "two_over_pi", "fused_f32"],
  ),

  sine_of_quarter: snippet(
    `
    /* sin(r + n pi/2) for |r| <= pi/4. */
    INLINE float sine_of_quarter(float r, int32_t n) {
      float z = r * r;
      float s = -0x1.994e02p-13f;
      s = fused_f32(s, z, 0x1.11075ep-7f);
      s = fused_f32(s, z, -0x1.555546p-3f);
      float sine = fused_f32(r * z, s, r);
      float c = 0x1.9915e6p-16f;
      c = fused_f32(c, z, -0x1.6c07eep-10f);
      c = fused_f32(c, z, 0x1.55553cp-5f);
      c = fused_f32(c, z, -0.5f);
      float cosine = fused_f32(z, c, 1.0f);
      float y = n & 1 ? cosine : sine;
      return n & 2 ? -y : y;
    }
    `,
    ["fused_f32"],
  ),

  sin_f32: snippet(
    `
    INLINE float sin_f32(float x) {
      int32_t n;
      float r = quarter_turn(x, &n);
      float y = sine_of_quarter(r, n);
      y = bits_of(x) < 0 ? -y : y;
      return fabs_f32(x) < INFINITY ? y : NAN;
    }
    `,
    ["quarter_turn", "sine_of_quarter", "bits_of", "fabs_f32"],
  ),

  cos_f32: snippet(
    `
    INLINE float cos_f32(float x) {
      int32_t n;
      float r = quarter_turn(x, &n);
      float y = sine_of_quarter(r, n + 1);
      return fabs_f32(x) < INFINITY ? y : NAN;
    }
    `,
    ["quarter_turn", "sine_of_quarter", "fabs_f32"],
  ),

  pow_f32: snippet(
    `
    /* 2^(y log2 |x|) in double, then the sign and the special values of C99 F.9.4.4. */
    INLINE float pow_f32(float x, float y) {
      float a = fabs_f32(x);
      int32_t subnormal = a < 0x1p-126f;
      int32_t bits = bits_of(subnormal ? a * 0x1p+23f : a);
      int32_t k = (bits - 0x3f3504f3) >> 23;
      double f = (double)float_of(bits - (int32_t)((uint32_t)k << 23)) - 1.0;
      double s = f / (2.0 + f);
      double z = s * s;
      double q = 0x1.2f571680f1e6ap-3;
      q = fused_f64(q, z, 0x1.3999f8727d352p-3);
      q = fused_f64(q, z, 0x1.7466883b35d16p-3);
      q = fused_f64(q, z, 0x1.c71c50b6da2fcp-3);
      q = fused_f64(q, z, 0x1.2492494378f48p-2);
      q = fused_f64(q, z, 0x1.999999997e3eap-2);
      q = fused_f64(q, z, 0x1.5555555555597p-1);
      double log2 = fused_f64(fused_f64(s * z, q, 2.0 * s), 0x1.71547652b82fep+0, (double)(subnormal ? k - 23 : k));
      log2 = a == 0.0f ? -(double)INFINITY : log2;
      log2 = a > 0x1.fffffep+127f ? (double)INFINITY : log2;
      double t = a == 1.0f ? 0.0 : (double)y * log2;
      t = t < -200.0 ? -200.0 : t;
      t = t > 200.0 ? 200.0 : t;
      double shifted = t + 0x1.8p+52;
      double r = t - (shifted - 0x1.8p+52);
      double p = 0x1.fe1758d00f444p-17;
      p = fused_f64(p, r, 0x1.446a43d23f425p-13);
      p = fused_f64(p, r, 0x1.5d8a710705a45p-10);
      p = fused_f64(p, r, 0x1.3b29dc145ba6ap-7);
      p = fused_f64(p, r, 0x1.c6b08aae57e0ap-5);
      p = fused_f64(p, r, 0x1.ebfbe0a4f305ap-3);
      p = fused_f64(p, r, 0x1.62e42ff116bf8p-1);
      p = fused_f64(p, r, 0x1.ffffffffab9adp-1);
      float power = (float)double_of(bits_of_double(p) + (int64_t)((uint64_t)bits_of_double(shifted) << 52));
      float b = fabs_f32(y) < 0x1p+24f ? fabs_f32(y) : 0x1p+24f; /* from 2^24 on all are even integers */
      int32_t whole = (int32_t)b;
      int32_t integer = (float)whole == b;
      int32_t negative = (bits_of(x) >> 31) & integer & whole & 1;
      power = float_of(bits_of(power) ^ (int32_t)((uint32_t)negative << 31));
      int32_t invalid = (x < 0.0f) & (a < INFINITY) & !integer;
      power = invalid | (x != x) | (y != y) ? NAN : power;
      return (y == 0.0f) | (x == 1.0f) ? 1.0f : power;
    }
    `,
    ["bits_of", "float_of", "fabs_f32", "double_of", "fused_f32"],
  ),
} as const;

function rows(literals: readonly string[]): string {
  const perRow = 4;
  const starts = Array.from({ length: Math.ceil(literals.length / perRow) }, (_, row) => row * perRow);
  return starts.map((start) => `      ${literals.slice(start, start + perRow).join(", ")},`).join("\n");
}
