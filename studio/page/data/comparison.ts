import { type Picture, probeAt, type Saying } from "./examples.ts";
import type { RunLog } from "./runLog.ts";

/** One example of the probe set as several runs see it; undefined where a run has not been asked about it. */
export interface ComparedExample {
  readonly key: string;
  readonly truth: number;
  readonly picture: Picture | undefined;
  readonly opinions: readonly (Saying | undefined)[];
}

/** The same examples as the runs see them, those first that they disagree on, then those that all have wrong. */
export function comparisonOf(logs: readonly RunLog[], step: number | undefined): ComparedExample[] {
  const probes = logs.map((log) => probeAt(log, step ?? log.step)?.examples ?? []);
  const keys = [...new Set(probes.flatMap((examples) => examples.map(({ key }) => key)))];
  const rows = keys.map((key): ComparedExample => {
    const own = probes.map((examples) => examples.find((each) => each.key === key));
    const known = own.find((each) => each !== undefined)!; // the key is one of theirs
    const opinions = own.map((each) => each?.saying);
    return { key, truth: known.truth, picture: known.picture, opinions };
  });
  const rank = ({ truth, opinions }: ComparedExample): number => {
    const told = opinions.filter((each) => each !== undefined);
    const wrong = told.filter(({ said }) => said !== truth).length;
    return wrong === 0 ? 2 : wrong === told.length && new Set(told.map(({ said }) => said)).size === 1 ? 1 : 0;
  };
  return rows.sort((a, b) => rank(a) - rank(b));
}
