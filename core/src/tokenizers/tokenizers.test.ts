import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Dataset } from "../data/index.ts";
import { bytesInOrder, characterOf } from "./bytes.ts";
import { Heap } from "./heap.ts";
import { loadTokenizer, type TokenizerJson, tokenizer, trainBpe } from "./index.ts";

/** What Hugging Face's own library says: goldens/tokenizers.py writes it and explains it. */
interface Golden {
  readonly corpus: readonly string[];
  readonly training: readonly {
    readonly options: { readonly vocabularySize: number; readonly minFrequency: number };
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (readonly string[])[];
  }[];
  readonly files: Readonly<Record<"byteLevel" | "wordPiece" | "unigram", TokenizerJson>>;
  readonly asked: readonly string[];
  readonly encoded: Readonly<
    Record<string, readonly { readonly ids: number[]; readonly plain: number[]; readonly text: string }[]>
  >;
}

const golden = JSON.parse(
  readFileSync(new URL("../../src/tokenizers/goldens/tokenizers.json", import.meta.url), "utf8"),
) as Golden; // our own file
const folder = mkdtempSync(join(tmpdir(), "chainrule-tokenizers-"));
after(() => rmSync(folder, { recursive: true, force: true }));

golden.training.forEach(({ options, vocab, merges }) => {
  test(`training with ${JSON.stringify(options)} makes the vocabulary and merges of Hugging Face's trainer`, async () => {
    const { model } = await trainBpe(golden.corpus, options);
    assert.deepEqual(model.merges, merges);
    assert.deepEqual(model.vocab, vocab);
  });
});

test("training takes lists, batches, generators and data sets alike; a vocabulary cuts its texts and puts them together", async () => {
  const options = { vocabularySize: 320, specialTokens: ["<|endoftext|>"] };
  const whole = await trainBpe(golden.corpus, options);
  assert.deepEqual(await trainBpe([golden.corpus.slice(0, 3), golden.corpus.slice(3)], options), whole);
  assert.deepEqual(await trainBpe(Dataset.from([...golden.corpus]), options), whole);
  const made = await tokenizer(whole);
  for (const text of [...golden.corpus, ...golden.asked, "\u0000 \ud83d\ude00 ~"]) {
    const { ids } = made.encode(text);
    assert.equal(made.decode(ids), text);
  }
  assert.equal(made.vocabularySize, 320);
  assert.equal(made.encode("the<|endoftext|>").ids.at(-1), 0);
  assert.deepEqual([made.idOf("<|endoftext|>"), made.tokenOf(0)], [0, "<|endoftext|>"]);
});

for (const [name, json] of Object.entries(golden.files)) {
  test(`${name}: texts are encoded and decoded as by Hugging Face's library`, async () => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify(json));
    const made = await loadTokenizer(path);
    golden.asked.forEach((text, at) => {
      const expected = golden.encoded[name]![at]!;
      assert.deepEqual(made.encode(text).ids, expected.ids, text);
      assert.deepEqual(made.encode(text, { specialTokens: false }).ids, expected.plain, text);
      assert.equal(made.decode(expected.ids), expected.text);
    });
  });
}

test("batches are cut between their special tokens and filled up with the padding token", async () => {
  const made = await tokenizer(golden.files.wordPiece);
  const texts = ["low", "the newest lowest", ""];
  const rows = texts.map((text) => [...made.encode(text).ids]);
  const longest = Math.max(...rows.map(({ length }) => length));
  const { ids, mask } = made.encodeBatch(texts);
  assert.deepEqual([ids.shape, ids.dtype, mask.dtype], [[3, longest], "i32", "u8"]);
  const filled = rows.map((row) => [...row, ...new Array<number>(longest - row.length).fill(0)]);
  assert.deepEqual([...ids.data], filled.flat());
  assert.deepEqual(
    [...mask.data],
    filled.flatMap((row, at) => row.map((_, place) => Number(place < rows[at]!.length))),
  );
  const cut = made.encodeBatch(texts, { maxLength: 4, padding: "maxLength", paddingSide: "left" });
  assert.deepEqual(cut.ids.shape, [3, 4]);
  const second = [...cut.ids.slice(1, 2).data];
  assert.deepEqual(second, [rows[1]![0], ...rows[1]!.slice(1, 3), rows[1]!.at(-1)]);
  assert.deepEqual([...cut.mask.slice(2, 3).data], [0, 0, 1, 1]);
  assert.deepEqual(made.decodeBatch(ids), texts);
  assert.throws(() => made.encodeBatch(texts, { maxLength: 2 }), /maxLength must be a whole number above 2/);
  assert.throws(() => made.encodeBatch(texts, { padToken: "[PAT]" }), /no token "\[PAT\]"[\s\S]*\[PAD\]/);
  const bare = await tokenizer(await trainBpe(golden.corpus, { vocabularySize: 300 }));
  assert.throws(() => bare.encodeBatch(["a", "the world"]), /no padding token[\s\S]*padToken/);
});

test("a folder is enough; what is missing is said", async () => {
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(golden.files.unigram));
  assert.equal((await loadTokenizer(folder)).vocabularySize, (await tokenizer(golden.files.unigram)).vocabularySize);
  await assert.rejects(loadTokenizer(join(folder, "none.json")), /cannot read .*none\.json: no such file/);
  await assert.rejects(loadTokenizer(new TextEncoder().encode("\u0012model")), /no JSON[\s\S]*SentencePiece/);
  await assert.rejects(tokenizer({ model: { type: "Magic", vocab: {} } }), /unknown type Magic/);
  await assert.rejects(
    tokenizer({ model: { type: "BPE", vocab: { a: 4e9 }, merges: [] } }),
    /"a" has the number 4000000000/,
  );
  await assert.rejects(
    tokenizer({ model: { type: "BPE", vocab: { a: 0 }, merges: [["a", "b"]] } }),
    /merge 0 names a token that is not in the vocabulary/,
  );
  await assert.rejects(trainBpe(golden.corpus, { vocabularySize: 10 }), /at least 256/);
  await assert.rejects(trainBpe("one text" as never), /expected texts in a list/);
  await assert.rejects(trainBpe([3 as never]), /expected texts, received number/);
});

test("each byte has a character of its own, as GPT-2 has it", () => {
  assert.equal(new Set(characterOf).size, 256);
  assert.deepEqual(
    [characterOf[0], characterOf[32], characterOf[65], characterOf[173], characterOf[255]],
    [..."ĀĠAŃÿ"],
  );
  assert.deepEqual(
    [...bytesInOrder].sort((a, b) => a - b),
    [...Array(256).keys()],
  );
});

test("a heap gives things in order, whatever the order they came in", () => {
  const heap = new Heap<number>((a, b) => a < b);
  const values = Array.from({ length: 200 }, (_, at) => (at * 7919) % 211);
  for (const value of values) heap.push(value);
  const found = values.map(() => heap.pop());
  assert.deepEqual(
    found,
    [...values].sort((a, b) => a - b),
  );
  assert.equal(heap.pop(), undefined);
});

test("words that a WordLevel vocabulary does not have are its unknown token, and left out where it has none", async () => {
  const json = (unk?: string): object => ({
    version: "1.0",
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "Whitespace" },
    post_processor: null,
    decoder: null,
    model: {
      type: "WordLevel",
      vocab: { "[UNK]": 0, the: 1, fox: 2 },
      ...(unk === undefined ? {} : { unk_token: unk }),
    },
  });
  assert.deepEqual((await tokenizer(json("[UNK]"))).encode("the red fox").ids, [1, 0, 2]);
  assert.deepEqual((await tokenizer(json())).encode("the red fox").ids, [1, 2]);
});
