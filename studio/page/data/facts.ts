/** What a run has that can be asked for: numbers and words, by name. */
export type Facts = Readonly<Record<string, number | string>>;

const shortNames: Readonly<Record<string, string>> = { lr: "learningrate", acc: "accuracy", params: "parameters" };
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9/]/g, "");

/** The fact of that name: exactly, or the first that ends or begins so; what was validated goes first. */
export function factOf(facts: Facts, name: string): number | string | undefined {
  const wanted = shortNames[plain(name)] ?? plain(name);
  const names = Object.keys(facts);
  const found =
    names.find((each) => plain(each) === `validation/${wanted}`) ??
    names.find((each) => plain(each) === wanted) ??
    names.find((each) => plain(each).endsWith(wanted)) ??
    names.find((each) => plain(each).startsWith(wanted));
  return found === undefined ? undefined : facts[found];
}
