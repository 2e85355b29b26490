import { demandKind, demandKinds, type KindsOf } from "../../base/kinds.ts";
import { CheckpointFolder } from "../checkpoint/folder.ts";
import { inOwnNames } from "../checkpoint/ownNames.ts";
import { restoreSnapshot, takeSnapshot } from "../checkpoint/snapshot.ts";
import { demandPositive } from "../demand.ts";
import type { Callback, Position, TrainingControl } from "./callback.ts";

export interface BackupAndRestoreOptions {
  /** After each epoch, or also after so many steps. Default "epoch". */
  readonly saveFreq?: "epoch" | number | undefined;
  /** How many checkpoints stay. Default 2. */
  readonly keep?: number | undefined;
  /** Removes them when the training has come to its end. Default true. */
  readonly deleteCheckpoint?: boolean | undefined;
}

const kinds: KindsOf<BackupAndRestoreOptions> = { saveFreq: "other", keep: "count", deleteCheckpoint: "flag" };

/**
 * Writes checkpoints into `folder` while training goes on, and goes on from the newest one when the same program is started
 * again: the results are, bit for bit, those of a training that was never stopped, whenever its process was killed.
 */
export function backupAndRestore(folder: string, options: BackupAndRestoreOptions = {}): Callback {
  demandKind("backupAndRestore: the folder", folder, "text");
  demandKinds("backupAndRestore", options, kinds);
  const { saveFreq = "epoch", deleteCheckpoint = true } = options;
  const every = saveFreq === "epoch" ? undefined : demandPositive("saveFreq", saveFreq);
  const files = new CheckpointFolder(folder, options.keep ?? 2);
  /** The checkpoint that is being written. */
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let due = false;

  const begin = (position: Position, control: TrainingControl): void => {
    due = false;
    const content = takeSnapshot(control); // asks for everything before the next step is sent
    writing = content
      .then((taken) => files.write(position, taken))
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        writing = undefined;
      });
  };
  const demandWritten = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    onTrainBegin: async (control) => {
      [writing, failure, due] = [undefined, undefined, false];
      const found = await files.read();
      if (found !== undefined) restoreSnapshot(control, inOwnNames(found, control), found.source);
    },
    onPosition: async (position, control) => {
      const last = position.step === 0 && (position.epoch >= control.epochs || control.snapshot().stopped);
      // The end is kept if anything is.
      if (last && !deleteCheckpoint) await writing;
      demandWritten();
      due ||= position.step === 0 || (every !== undefined && position.step % every === 0);
      // One that is not written yet is not waited for: the next position will do.
      if (due && writing === undefined) begin(position, control);
    },
    onTrainEnd: async () => {
      await writing;
      demandWritten();
      if (deleteCheckpoint) await files.clear();
    },
  };
}
