// Arithmetic of sizes in types, digit by digit: the sizes of images and vocabularies are too large to count in tuples. Where a
// size is not known (`number`), neither is the result.

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
/** The digits of a natural number, ones first. */
type Digits = readonly Digit[];

/** A tuple as long as the digit says. */
interface Units {
  0: [];
  1: [0];
  2: [0, 0];
  3: [0, 0, 0];
  4: [0, 0, 0, 0];
  5: [0, 0, 0, 0, 0];
  6: [0, 0, 0, 0, 0, 0];
  7: [0, 0, 0, 0, 0, 0, 0];
  8: [0, 0, 0, 0, 0, 0, 0, 0];
  9: [0, 0, 0, 0, 0, 0, 0, 0, 0];
}
type Ten = [...Units[9], 0];
type Carry = [] | [0];

type Parse<Text extends string, Done extends Digits = []> = Text extends `${infer First extends Digit}${infer Rest}`
  ? Parse<Rest, [First, ...Done]>
  : Done;
type DigitsOf<N extends number> = Parse<`${N}`>;

type Text<D extends Digits> = D extends readonly [infer First extends Digit, ...infer Rest extends Digits]
  ? `${Text<Rest>}${First}`
  : "";
type WithoutZeros<Printed extends string> = Printed extends "0" | ""
  ? "0"
  : Printed extends `0${infer Rest}`
    ? WithoutZeros<Rest>
    : Printed;
type NumberOf<D extends Digits> = WithoutZeros<Text<D>> extends `${infer N extends number}` ? N : never;

type AddDigits<
  A extends Digits,
  B extends Digits,
  C extends Carry = [],
  Done extends Digits = [],
> = A extends readonly [infer A0 extends Digit, ...infer ARest extends Digits]
  ? B extends readonly [infer B0 extends Digit, ...infer BRest extends Digits]
    ? `${[...Units[A0], ...Units[B0], ...C]["length"] & number}` extends `1${infer D extends Digit}`
      ? AddDigits<ARest, BRest, [0], [...Done, D]>
      : [...Units[A0], ...Units[B0], ...C]["length"] extends infer D extends Digit
        ? AddDigits<ARest, BRest, [], [...Done, D]>
        : never
    : AddDigits<A, [0], C, Done>
  : B extends readonly []
    ? C extends [0]
      ? [...Done, 1]
      : Done
    : AddDigits<[0], B, C, Done>;

/** A − B; never when B is larger. */
type SubtractDigits<
  A extends Digits,
  B extends Digits,
  C extends Carry = [],
  Done extends Digits = [],
> = A extends readonly [infer A0 extends Digit, ...infer ARest extends Digits]
  ? B extends readonly [infer B0 extends Digit, ...infer BRest extends Digits]
    ? Units[A0] extends [...Units[B0], ...C, ...infer Left]
      ? SubtractDigits<ARest, BRest, [], [...Done, Left["length"] & Digit]>
      : [...Ten, ...Units[A0]] extends [...Units[B0], ...C, ...infer Left]
        ? SubtractDigits<ARest, BRest, [0], [...Done, Left["length"] & Digit]>
        : never
    : SubtractDigits<A, [0], C, Done>
  : B extends readonly []
    ? C extends [0]
      ? never
      : Done
    : B extends readonly [0, ...infer BRest extends Digits]
      ? SubtractDigits<A, BRest, C, Done>
      : never;

/** So many times a list. */
interface Multiples<U extends readonly 0[]> {
  readonly 0: [];
  readonly 1: U;
  readonly 2: [...U, ...U];
  readonly 3: [...U, ...U, ...U];
  readonly 4: [...U, ...U, ...U, ...U];
  readonly 5: [...U, ...U, ...U, ...U, ...U];
  readonly 6: [...U, ...U, ...U, ...U, ...U, ...U];
  readonly 7: [...U, ...U, ...U, ...U, ...U, ...U, ...U];
  readonly 8: [...U, ...U, ...U, ...U, ...U, ...U, ...U, ...U];
  readonly 9: [...U, ...U, ...U, ...U, ...U, ...U, ...U, ...U, ...U];
}

/** A times one digit; the tens of each product are carried. */
type TimesDigit<A extends Digits, B extends Digit, C extends Digit = 0, Done extends Digits = []> = A extends readonly [
  infer A0 extends Digit,
  ...infer Rest extends Digits,
]
  ? Multiples<Units[A0]>[B] extends infer Product extends readonly 0[]
    ? [...Product, ...Units[C]]["length"] extends infer N extends number
      ? `${N}` extends `${infer Tens extends Digit}${infer D extends Digit}`
        ? TimesDigit<Rest, B, Tens, [...Done, D]>
        : TimesDigit<Rest, B, 0, [...Done, N & Digit]>
      : never
    : never
  : C extends 0
    ? Done
    : [...Done, C];

type MultiplyDigits<A extends Digits, B extends Digits> = B extends readonly [
  infer First extends Digit,
  ...infer Rest extends Digits,
]
  ? TimesDigit<A, First> extends infer Row extends Digits
    ? AddDigits<Row, MultiplyDigits<[0, ...A], Rest>>
    : never
  : [];

/** How often B goes into A (below ten times), and what is left. */
type Fits<A extends Digits, B extends Digits, Count extends 0[] = []> = [SubtractDigits<A, B>] extends [never]
  ? { count: Count["length"] & Digit; left: A }
  : Fits<SubtractDigits<A, B>, B, [...Count, 0]>;

/** Long division: the highest digit of A comes down first. */
type DivideDigits<
  A extends Digits,
  B extends Digits,
  Left extends Digits = [],
  Done extends Digits = [],
> = A extends readonly [...infer Rest extends Digits, infer Highest extends Digit]
  ? Fits<[Highest, ...Left], B> extends { count: infer Count extends Digit; left: infer Next extends Digits }
    ? DivideDigits<Rest, B, Next, [Count, ...Done]>
    : never
  : Done;

/** True when a size is any number, or several. */
type Open<N extends number> = number extends N ? true : false;
type Both<A extends number, B extends number, Known> =
  Open<A> extends true ? number : Open<B> extends true ? number : Known;

/** A + B of natural numbers. */
export type Add<A extends number, B extends number> = Both<A, B, NumberOf<AddDigits<DigitsOf<A>, DigitsOf<B>>>>;
/** A − B; never when B is larger. */
export type Subtract<A extends number, B extends number> = Both<
  A,
  B,
  [SubtractDigits<DigitsOf<A>, DigitsOf<B>>] extends [never]
    ? never
    : NumberOf<SubtractDigits<DigitsOf<A>, DigitsOf<B>>>
>;
/** A · B. */
export type Multiply<A extends number, B extends number> = A extends 1
  ? B
  : B extends 1
    ? A
    : Both<A, B, NumberOf<MultiplyDigits<DigitsOf<A>, DigitsOf<B>>>>;
/** A / B, rounded down; B is not 0. */
export type Divide<A extends number, B extends number> = B extends 1
  ? A
  : Both<A, B, NumberOf<DivideDigits<DigitsOf<A>, DigitsOf<B>>>>;
/** The product of all sizes. */
export type Product<S extends readonly number[]> = number extends S["length"]
  ? number
  : S extends readonly [infer First extends number, ...infer Rest extends readonly number[]]
    ? Multiply<First, Product<Rest>>
    : 1;
