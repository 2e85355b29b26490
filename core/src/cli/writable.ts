import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ArgumentError } from "../base/errors.ts";

/** Says now, not after the training, that a result could not be written to `path`. */
export async function demandWritable(option: string, path: string): Promise<void> {
  const obstacle = await obstacleAt(path);
  if (obstacle !== undefined) throw new ArgumentError(`--${option}: cannot write ${path}: ${obstacle}`);
}

/** Why `path` cannot be written, or undefined when it can. Writing makes a new file beside it, so the folder must allow that. */
async function obstacleAt(path: string): Promise<string | undefined> {
  const folder = dirname(resolve(path));
  const holder = await stat(folder).catch(() => undefined);
  if (holder === undefined) return `there is no folder ${folder}`;
  if (!holder.isDirectory()) return `${folder} is no folder`;
  if (!(await allows(folder))) return `the folder ${folder} is write-protected`;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isDirectory()) return "it is a folder";
  if (!found.isFile()) return "it is no ordinary file";
  return (await allows(path)) ? undefined : "the file is write-protected";
}

const allows = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
