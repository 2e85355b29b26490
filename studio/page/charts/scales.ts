/** How values lie along a side of a chart: both ways, and what is written there. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  /** From a value to a share of the length, 0 to 1. */
  toShare(value: number): number;
  toValue(share: number): number;
  /** Places of labels, about `count` of them. */
  ticks(count: number): readonly number[];
}

const steps = [1, 2, 5, 10];

export function linearScale(low: number, high: number): Scale {
  const range = high - low || 1;
  return {
    low,
    high,
    toShare: (value) => (value - low) / range,
    toValue: (share) => low + share * range,
    ticks: (count) => {
      const rough = range / Math.max(1, count);
      const power = 10 ** Math.floor(Math.log10(rough));
      const stride = power * (steps.find((step) => step * power >= rough * 0.999) ?? 10);
      const first = Math.ceil(low / stride - 1e-9);
      const length = Math.max(0, Math.floor(high / stride + 1e-9) - first + 1);
      return Array.from({ length }, (_, at) => Number(((first + at) * stride).toPrecision(12)));
    },
  };
}

/** Equal lengths are equal ratios. Both ends are positive. */
export function logScale(low: number, high: number): Scale {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  const range = to - from || 1;
  return {
    low,
    high,
    toShare: (value) => (Math.log10(value) - from) / range,
    toValue: (share) => 10 ** (from + share * range),
    ticks: (count) => {
      // Powers of ten, every so many of them; what lies between, where there are few.
      const stride = Math.max(1, Math.ceil(range / Math.max(1, count)));
      const parts = range < 1.2 ? steps.slice(0, 3) : range < count / 2.5 ? [1, 3] : [1];
      const found: number[] = [];
      for (let power = Math.floor(from); power <= to; power++) {
        if (power % stride !== 0) continue;
        for (const part of parts) {
          const value = Number((part * 10 ** power).toPrecision(6));
          if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
        }
      }
      return found;
    },
  };
}
