// How fast tensors are read from a .safetensors file, against reading the same bytes as a plain file: `node scripts/safetensors.mjs`.
// Pairs, interleaved; the least of each counts.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { encodeSafeTensors, openSafeTensors } = await import(join(root, "core/dist/formats/index.js"));
const folder = mkdtempSync(join(tmpdir(), "chainrule-read-"));
const path = join(folder, "large.safetensors");
const count = 32;
const each = 8 * 2 ** 20;
const tensor = { dtype: "f32", shape: [each / 4], bytes: new Uint8Array(each).fill(7) };
writeFileSync(
  path,
  encodeSafeTensors({ tensors: new Map(Array.from({ length: count }, (_, at) => [`t${at}`, tensor])), metadata: {} }),
);

const timed = async (body) => {
  const start = performance.now();
  await body();
  return performance.now() - start;
};
/** The plain way: the same pieces, into new arrays. */
async function plain() {
  const handle = await open(path);
  for (let at = 0; at < count; at++) await handle.read(new Uint8Array(each), 0, each, at * each);
  await handle.close();
}
async function tensors() {
  const file = await openSafeTensors(path);
  for (const name of file.entries.keys()) await file.read(name);
  await file.close();
}
const times = { plain: [], tensors: [] };
for (let round = 0; round < 25; round++) {
  times.plain.push(await timed(plain));
  times.tensors.push(await timed(tensors));
}
rmSync(folder, { recursive: true });
const [a, b] = [Math.min(...times.plain), Math.min(...times.tensors)];
const rate = (ms) => `${((count * each) / 2 ** 20 / (ms / 1000)).toFixed(0)} MB/s`;
console.log(`plain ${rate(a)}, safetensors ${rate(b)}: ${((100 * a) / b).toFixed(0)} % (least of 25 pairs)`);
