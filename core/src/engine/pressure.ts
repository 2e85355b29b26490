import { tellCollector } from "../base/collector.ts";

/** What has to come to the memory that is owned on devices before the collector is told: at least this, and an eighth of it. */
const leastBytes = 32 * 2 ** 20;

let owned = 0;
/** The least that was owned since the collector was told: what is in use, once it has been heard. */
let least = 0;

/** Counts memory of a device that goes back when its owner is released or collected: `bytes` more, or, negative, fewer. */
export function countOwned(bytes: number): void {
  owned += bytes;
  least = Math.min(least, owned);
  if (owned - least < Math.max(leastBytes, least / 8)) return;
  least = owned;
  tellCollector();
}
