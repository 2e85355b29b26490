// How fast a folder of JPEG files becomes batches, against `sharp` doing the same decoding and resizing alone with as many
// files under way. They go through the folder by turns, and the best turn of each counts, because the machine has others to
// serve; so does the processor's time, which others touch less.
// node bench/dist/jpegFolder.js [turns] [files]
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { imageDatasetFromDirectory } from "chainrule/data";
import sharp from "sharp";

const [turns = 7, count = 300] = process.argv.slice(2).map(Number);
const [width, height, size] = [500, 375, 180];
const parallel = 2 * availableParallelism();

const folder = mkdtempSync(join(tmpdir(), "chainrule-jpeg-"));
try {
  await writePhotos();
  const make = (dtype: "f32" | "u8") =>
    imageDatasetFromDirectory(folder, { imageSize: [size, size], shuffle: false, dtype });
  const [floats, bytes] = [await make("f32"), await make("u8")];
  const work = {
    "sharp alone": () => timeSharp(floats.filePaths),
    "batches of u8": () => timeOurs(bytes),
    "batches of f32": () => timeOurs(floats),
  };
  const best = new Map(
    Object.keys(work).map((name) => [name, { ms: Number.POSITIVE_INFINITY, cpuMs: Number.POSITIVE_INFINITY }]),
  );
  for (let turn = 0; turn <= turns; turn++) {
    const order = turn % 2 === 0 ? Object.entries(work) : Object.entries(work).reverse();
    for (const [name, run] of order) {
      const before = process.cpuUsage();
      const ms = await run();
      const { user, system } = process.cpuUsage(before);
      const kept = best.get(name)!;
      // The first turn warms up.
      if (turn > 0) best.set(name, { ms: Math.min(kept.ms, ms), cpuMs: Math.min(kept.cpuMs, (user + system) / 1000) });
    }
  }
  const alone = best.get("sharp alone")!;
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
  for (const [name, { ms, cpuMs }] of best) {
    const rate = `${((1000 * count) / ms).toFixed(0)} images/s, ${percent(alone.ms, ms)} of sharp alone`;
    const effort = `${(cpuMs / count).toFixed(2)} ms of processor an image, ${percent(cpuMs, alone.cpuMs)} of sharp's`;
    console.log(`${name.padEnd(14)}  ${rate}; ${effort}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Pictures with the detail of photographs: noise on slopes of colour. */
async function writePhotos(): Promise<void> {
  const noise = Buffer.alloc(width * height * 3);
  for (const [label, name] of ["cats", "dogs"].entries()) {
    mkdirSync(join(folder, name));
    for (let index = 0; index < count / 2; index++) {
      for (let at = 0; at < noise.length; at++) {
        const pixel = Math.floor(at / 3);
        noise[at] =
          128 +
          90 * Math.sin(((pixel % width) * (1 + label) + pixel / width + index * 10) / 60) +
          24 * (Math.random() - 0.5);
      }
      await sharp(noise, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 90 })
        .toFile(join(folder, name, `${index}.jpg`));
    }
  }
}

async function timeSharp(paths: readonly string[]): Promise<number> {
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < paths.length; index = next++)
      await sharp(paths[index]!).resize(size, size, { fit: "fill", kernel: "linear" }).removeAlpha().raw().toBuffer();
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return performance.now() - start;
}

async function timeOurs(dataset: AsyncIterable<unknown>): Promise<number> {
  const start = performance.now();
  for await (const _ of dataset);
  return performance.now() - start;
}
