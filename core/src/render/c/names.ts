/** Words that mean something else in our C. */
const reserved = new Set(
  `auto break case char const continue default do double else enum extern float for goto if inline int long register
  restrict return short signed sizeof static struct switch typedef union unsigned void volatile while asm typeof
  task scratch slots pool run sqrtf floorf fmodf quotient remainder_of threefry linux unix main`.split(/\s+/),
);

/** `name` as an identifier of C. A word with a suffix of a type belongs to our functions. */
export function identifier(name: string): string {
  const word = name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=[0-9])/, "_");
  return reserved.has(word) || /_(f32|f16|bf16|i32|u32|i8|u8|of|task)$|^(tile|launch)_/.test(word) ? `${word}_` : word;
}

/** Gives each key a C name of its own: equal keys get equal names, others never collide. */
export class Names {
  readonly #byKey = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(key: string, wish: string): string {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const base = identifier(wish);
    let name = base;
    for (let copy = 2; this.#taken.has(name); copy++) name = `${base}_${copy}`;
    this.#taken.add(name);
    this.#byKey.set(key, name);
    return name;
  }
}
