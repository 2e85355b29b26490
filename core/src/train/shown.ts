import { type HostExamples, isNdArray, joinExamples } from "../data/index.ts";
import { leavesOf } from "../nn/index.ts";
import type { Beginning, Feed } from "./feed.ts";

/** Of data that come in batches: so many examples are looked at. */
const most = 1024;

/** Examples to show and to judge: all that are in memory; of data that can be gone through `again`, the first; else the first batch. */
export async function examplesToShow(feed: Feed, beginning: Beginning, again: boolean): Promise<HostExamples> {
  if (feed.whole !== undefined) return feed.whole;
  if (!again) return feed.sample;
  const batches = feed.open(beginning);
  const parts: HostExamples[] = [];
  let length = 0;
  try {
    while (length < most) {
      const batch = await batches.next();
      if (batch === undefined) break;
      // Batches of texts may be padded to a length of their own.
      if (parts[0] !== undefined && shapesOf(batch) !== shapesOf(parts[0])) continue;
      parts.push(batch);
      length += batch.length;
    }
  } finally {
    await batches.close();
  }
  return joinExamples(parts);
}

/** The shapes of all arrays but for the axis of examples. */
const shapesOf = ({ x, y, sampleWeight }: HostExamples): string =>
  [x, y, sampleWeight]
    .map((part) => (part === undefined ? "" : leavesOf(part, isNdArray).map(({ shape }) => shape.slice(1).join("x"))))
    .join(";");
