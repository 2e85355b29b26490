import { mkdtempSync } from "node:fs";
import sharp from "sharp";

const width = 500,
  height = 375,
  size = 180;
const dir = mkdtempSync("/tmp/jp-");
const noise = Buffer.alloc(width * height * 3);
const paths = [];
for (let i = 0; i < 80; i++) {
  for (let at = 0; at < noise.length; at++) {
    const p = Math.floor(at / 3);
    noise[at] = 128 + 90 * Math.sin(((p % width) + p / width + i * 10) / 60) + 24 * (Math.random() - 0.5);
  }
  const f = `${dir}/${i}.jpg`;
  await sharp(noise, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toFile(f);
  paths.push(f);
}
const variants = {
  base: (p) => sharp(p).resize(size, size, { fit: "fill", kernel: "linear" }).removeAlpha().raw().toBuffer(),
  srgb: (p) =>
    sharp(p).resize(size, size, { fit: "fill", kernel: "linear" }).toColourspace("srgb").removeAlpha().raw().toBuffer(),
  bg: (p) =>
    sharp(p)
      .resize(size, size, { fit: "fill", kernel: "linear", background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .removeAlpha()
      .raw()
      .toBuffer(),
  depth: (p) =>
    sharp(p).resize(size, size, { fit: "fill", kernel: "linear" }).removeAlpha().raw({ depth: "uchar" }).toBuffer(),
  obj: (p) =>
    sharp(p)
      .resize(size, size, { fit: "fill", kernel: "linear" })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true }),
  f32: async (p) =>
    new Float32Array(
      await sharp(p).resize(size, size, { fit: "fill", kernel: "linear" }).removeAlpha().raw().toBuffer(),
    ),
};
const best = {};
for (let t = 0; t < 8; t++)
  for (const [k, f] of Object.entries(variants)) {
    const s = performance.now();
    let n = 0;
    const w = async () => {
      while (n < paths.length) await f(paths[n++]);
    };
    await Promise.all([w(), w(), w(), w()]);
    const e = performance.now() - s;
    best[k] = Math.min(best[k] ?? 1e9, e);
  }
for (const k in best) console.log(k, (best[k] / paths.length).toFixed(3), "ms/img");
