import type { RunListing, SliceRole } from "chainrule/record";
import type { RunLog } from "../data/runLog.ts";
import type { Digest, RunRow } from "./protocol.ts";

const mostReports = 50;

/** What the page has at hand of a run. */
export function digestOf(id: string, log: RunLog, version: number, complete: boolean): Digest {
  const { journal, reader } = log;
  const unread = reader.unreadable.length;
  const damage = reader.damage?.what ?? (unread > 0 ? `${unread} frames could not be understood` : undefined);
  return {
    id,
    bytes: log.bytes,
    step: log.step,
    version,
    phase: journal.phase,
    reason: journal.reason,
    description: log.description,
    series: log.definitions,
    tensors: [...log.tensors.values()].map(({ definition }) => definition),
    markers: journal.markers,
    alerts: journal.alerts.slice(-mostReports),
    notFinite: log.notFinite.slice(-mostReports),
    checkpoints: log.checkpoints.slice(-mostReports),
    recording: journal.recording,
    epoch: journal.epoch,
    parameters: Object.fromEntries(journal.parameters),
    frozen: [...journal.frozen],
    slices: rolesOf(log),
    splits: [...new Set(log.evaluations.map(({ value }) => value.split))],
    timed: log.spans.length > 0,
    damage,
    complete,
  };
}

function rolesOf(log: RunLog): Digest["slices"] {
  const found = new Map<SliceRole, Set<string>>();
  for (const { value } of log.slices) {
    const { role, layer } = value.head;
    const layers = found.get(role) ?? new Set();
    found.set(role, layers);
    if (layer !== undefined) layers.add(layer);
  }
  return Object.fromEntries([...found].map(([role, layers]) => [role, [...layers]]));
}

/** The row of a run in the table; what its log tells goes before what the source lists. */
export function rowOf(listing: RunListing, log: RunLog | undefined): RunRow {
  if (log?.description === undefined) return { ...listing, loaded: false };
  const last = [...log.series.values()].map((curve) => {
    const { name, split } = curve.definition;
    return [split === "validation" ? `validation/${name}` : name, curve.at(curve.lastStep)?.value] as const;
  });
  const figures = last.filter((pair): pair is [string, number] => pair[1] !== undefined);
  const notFiniteAt = log.notFinite[0]?.step;
  const note = log.journal.markers.findLast(({ kind }) => kind === "note")?.label;
  return {
    ...listing,
    run: log.description,
    state: listing.steerable || listing.state === "lost" ? listing.state : log.journal.phase,
    bytes: Math.max(listing.bytes, log.bytes),
    step: log.step,
    // A file may have been copied long after its run.
    modified: listing.steerable ? listing.modified : (log.longest?.times.at(-1) ?? listing.modified),
    figures: Object.fromEntries(figures),
    alerts: log.journal.alerts.length,
    ...(notFiniteAt === undefined ? {} : { notFiniteAt }),
    ...(note === undefined ? {} : { note }),
    loaded: true,
  };
}
