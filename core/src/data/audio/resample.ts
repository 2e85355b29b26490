import type { Sound } from "../../formats/index.ts";

/** Zero crossings of the filter on either side, and how much below the highest frequency it ends. */
const crossings = 16;
const rolloff = 0.95;

/**
 * The same sound with other times a second: each new sample is a sum of old ones, weighted by a low-pass filter (a sinc under
 * Hann's window; J. O. Smith, "Digital Audio Resampling", Stanford CCRMA), so that nothing above half of the lower rate folds back.
 */
export function resampleSound({ samples, channels, sampleRate }: Sound, wanted: number): Sound {
  if (wanted === sampleRate) return { samples, channels, sampleRate };
  const count = samples.length / channels;
  const length = count === 0 ? 0 : Math.max(1, Math.round((count * wanted) / sampleRate));
  const ratio = sampleRate / wanted;
  const cutoff = rolloff * Math.min(1, 1 / ratio);
  const reach = crossings / cutoff;
  const out = new Float32Array(length * channels);
  // Rates have a common measure: the filter has so many phases, and then repeats.
  const phases = wanted / gcd(sampleRate, wanted);
  const filters = Array.from({ length: Math.min(phases, length) }, (_, phase) =>
    filterAt((phase * ratio) % 1, cutoff, reach),
  );
  for (let index = 0; index < length; index++) {
    const first = Math.floor(index * ratio) - Math.floor(reach);
    const filter = filters[index % phases]!;
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      const from = Math.max(0, -first);
      const to = Math.min(filter.length, count - first);
      for (let tap = from; tap < to; tap++) sum += filter[tap]! * samples[(first + tap) * channels + channel]!;
      out[index * channels + channel] = sum;
    }
  }
  return { samples: out, channels, sampleRate: wanted };
}

/** Weights of the old samples around a place that lies `offset` behind one of them; they sum up to 1. */
function filterAt(offset: number, cutoff: number, reach: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * Math.floor(reach) + 2 }, (_, tap) => {
    const distance = tap - Math.floor(reach) - offset;
    if (Math.abs(distance) >= reach) return 0;
    const x = Math.PI * cutoff * distance;
    return (x === 0 ? 1 : Math.sin(x) / x) * Math.cos((Math.PI * distance) / (2 * reach)) ** 2;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
