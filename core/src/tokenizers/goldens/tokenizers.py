"""Writes tokenizers.json: what Hugging Face's own tokenizers (Rust, in Python) train and encode.

    python tokenizers.py        (tokenizers 0.23)

Layout: { corpus: [texts], training: [{ options, vocab, merges }], files: { name: contents of a tokenizer.json }, asked: [texts],
encoded: { name: [{ ids, plain, text }] } }: `plain` without special tokens, `text` the decoded ids without special tokens.
"""

import json
import sys
from pathlib import Path

sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).parent]  # this file has the library's name
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

corpus = [
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse,",
    "and nothing particular to interest me on shore, I thought I would sail about a little and see the watery part",
    "of the world. It is a way I have of driving off the spleen and regulating the circulation. Whenever I find",
    "myself growing grim about the mouth; whenever it is a damp, drizzly November in my soul;  whenever it's 1851,",
    "aaaa aaaaa aaaaaa aaaaaaa banana bananas ananas; they're we've he'll I'd don't\n\n\ttabs   and  spaces \n",
    "Größe, élève, naïve, Ελλάδα, Москва, 東京都, 🙂🙃 and 123 45.6 7,890 <tags/> [x] {y} #z @w — “quotes”…",
    "the the the there then them these they their theirs other others another whether together",
    "low lower lowest new newer newest wide wider widest",
    "\t\tlow lines that begin with tabs",
    "\n\nlow lines that begin with empty ones",
]
asked = [
    "Call me Ishmael.",
    "the newest lowest whales, it's 1999!",
    "Größe naïve 東京 🙂 unknown ∑",
    "  two  spaces\nand lines\t",
    "",
    "BANANAS and they're",
]


def byte_level():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    return t


def trained(**options):
    t = byte_level()
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=options.get("addPrefixSpace", False))
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    given = {"special_tokens": options["specialTokens"]} if "specialTokens" in options else {}
    t.train_from_iterator(
        corpus,
        trainers.BpeTrainer(
            vocab_size=options["vocabularySize"], min_frequency=options["minFrequency"], initial_alphabet=alphabet, show_progress=False, **given
        ),
    )
    return t


training = []
for options in [
    {"vocabularySize": 300, "minFrequency": 2},
    {"vocabularySize": 400, "minFrequency": 3, "specialTokens": ["<|endoftext|>", "<pad>"]},
    {"vocabularySize": 5000, "minFrequency": 1},
    {"vocabularySize": 5000, "minFrequency": 1, "addPrefixSpace": True},
]:
    found = json.loads(trained(**options).to_str())["model"]
    training.append({"options": options, "vocab": found["vocab"], "merges": found["merges"]})

files = {}
t = trained(vocabularySize=330, minFrequency=2, specialTokens=["<s>", "<pad>", "</s>"])
t.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
files["byteLevel"] = t

t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
t.normalizer = normalizers.BertNormalizer(lowercase=True)
t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
t.decoder = decoders.WordPiece()
special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
t.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=300, special_tokens=special, show_progress=False))
t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
t.enable_padding(pad_id=0, pad_token="[PAD]")
t.no_padding()
files["wordPiece"] = t

t = Tokenizer(models.Unigram())
t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("  ", " ")])
t.pre_tokenizer = pre_tokenizers.Metaspace()
t.decoder = decoders.Metaspace()
t.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=200, special_tokens=["<pad>", "<unk>", "</s>"], unk_token="<unk>", show_progress=False))
t.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
files["unigram"] = t

encoded = {
    name: [
        {"ids": t.encode(x).ids, "plain": t.encode(x, add_special_tokens=False).ids, "text": t.decode(t.encode(x).ids)}
        for x in asked
    ]
    for name, t in files.items()
}
golden = {
    "corpus": corpus,
    "training": training,
    "files": {name: json.loads(t.to_str()) for name, t in files.items()},
    "asked": asked,
    "encoded": encoded,
}
Path(__file__).with_name("tokenizers.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")
print({k: len(v) for k, v in golden.items()})
