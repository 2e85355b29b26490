import { NdArray, uniformSource } from "../../data/index.ts";
import type { Split } from "../options.ts";
import type { Climate } from "../tables.ts";

/** The least and the largest value that each column of California Housing usually has. */
const ranges = [
  [0.5, 15],
  [1, 52],
  [2, 10],
  [0.8, 1.6],
  [3, 5000],
  [1, 6],
  [32.5, 42],
  [-124.4, -114.3],
] as const;
/** The survey wrote no larger value. */
const largestValue = 500_001;

/** Made-up districts: rich ones near the coast have dear houses. */
export function syntheticHousing(count: number, seed: number): Split {
  const uniform = uniformSource(seed);
  const x = new Float32Array(count * ranges.length);
  const y = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const place = ranges.map(() => uniform());
    for (const [column, [low, high]] of ranges.entries()) {
      // Incomes and populations are small more often than large.
      const share = column === 0 || column === 4 ? place[column]! ** 2 : place[column]!;
      x[row * ranges.length + column] = low + share * (high - low);
    }
    const [income, age, , , , , north, east] = place as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]; // one a range
    const value =
      40_000 +
      420_000 * income ** 2 +
      40_000 * age +
      90_000 * (1 - Math.abs(north + east - 1)) +
      30_000 * (uniform() - 0.5);
    y[row] = Math.min(largestValue, Math.max(15_000, value));
  }
  return { x: new NdArray(x, [count, ranges.length]), y: new NdArray(y) };
}

const columns = [
  "p (mbar)",
  "T (degC)",
  "Tpot (K)",
  "Tdew (degC)",
  "rh (%)",
  "VPmax (mbar)",
  "VPact (mbar)",
  "VPdef (mbar)",
  "sh (g/kg)",
  "H2OC (mmol/mol)",
  "rho (g/m**3)",
  "wv (m/s)",
  "max. wv (m/s)",
  "wd (deg)",
];
const stepMs = 600_000;
const stepsADay = 144;

/** Made-up weather: days in years, a pressure that wanders, and the physics that ties the other columns to them. */
export function syntheticClimate(count: number, seed: number): Climate {
  const uniform = uniformSource(seed);
  const start = Date.UTC(2009, 0, 1, 0, 10);
  const values = new Float32Array(count * columns.length);
  const times: string[] = [];
  let [front, wind] = [0, 0];
  for (let row = 0; row < count; row++) {
    const two = (value: number): string => String(value).padStart(2, "0");
    const time = new Date(start + row * stepMs);
    times.push(
      `${two(time.getUTCDate())}.${two(time.getUTCMonth() + 1)}.${time.getUTCFullYear()} ${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:00`,
    );
    const day = row / stepsADay;
    front = 0.999 * front + 0.4 * (uniform() - 0.5);
    wind = Math.abs(0.97 * wind + 0.6 * (uniform() - 0.45));
    const celsius =
      9 - 9 * Math.cos((2 * Math.PI * (day - 20)) / 365.25) - 4 * Math.cos(2 * Math.PI * (day - 0.1)) + 2 * front;
    const pressure = 989 - 4 * front;
    const humidity = Math.min(100, Math.max(20, 76 - 1.6 * (celsius - 9) + 8 * (uniform() - 0.5)));
    // Magnus's formula for the pressure of saturated vapour.
    const saturated = 6.1094 * Math.exp((17.625 * celsius) / (celsius + 243.04));
    const vapour = (saturated * humidity) / 100;
    const logarithm = Math.log(vapour / 6.1094);
    const gust = wind * (1.4 + 0.6 * uniform());
    values.set(
      [
        pressure,
        celsius,
        (celsius + 273.15) * (1000 / pressure) ** 0.286,
        (243.04 * logarithm) / (17.625 - logarithm),
        humidity,
        saturated,
        vapour,
        saturated - vapour,
        (622 * vapour) / (pressure - 0.378 * vapour),
        (1000 * vapour) / pressure,
        (100_000 * (pressure - 0.378 * vapour)) / (287.05 * (celsius + 273.15)),
        wind,
        gust,
        (180 + 60 * front + 360 + 40 * uniform()) % 360,
      ],
      row * columns.length,
    );
  }
  return { columns, times, values: new NdArray(values, [count, columns.length]) };
}
