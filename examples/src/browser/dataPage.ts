// A page that fetches a known data set and decodes pictures, as its test asks for.
import { datasets, imageDatasetFromDirectory } from "chainrule";

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface Decoded {
  readonly shape: readonly number[];
  readonly pixels: readonly number[];
}

const page = {
  /** The climate of Jena from a mirror: its columns and numbers, or what went wrong. */
  climate: (mirror: string): Promise<string> =>
    datasets
      .jenaClimate({ mirror, retryDelayMs: 1 })
      .then(({ columns, values }) => JSON.stringify([columns, [...values.data]]), told),
  /** Shakespeare, whose sum is known. */
  shakespeare: (mirror: string): Promise<string> =>
    datasets.shakespeare({ mirror, retryDelayMs: 1, retries: 1 }).then(String, told),
  /** A picture, decoded by the browser in its own size. */
  decode: async (
    name: string,
    bytes: readonly number[],
    size: readonly [number, number],
  ): Promise<Decoded | string> => {
    const file = new File([Uint8Array.from(bytes)], name);
    const data = await imageDatasetFromDirectory([file], { labels: null, imageSize: size, antialias: false });
    const [first] = await data.toArray().catch((error: unknown) => [told(error)]);
    if (first === undefined || typeof first === "string") return first ?? "nothing";
    return { shape: first.x.shape, pixels: [...first.x.data] };
  },
};
export type DataPage = typeof page;
Object.assign(globalThis, { page });
