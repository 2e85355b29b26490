import { UnsupportedError } from "./cursor.ts";
import { findLibrary, readWithLibrary } from "./library.ts";
import { type Hdf5Dataset, type Hdf5Group, openHdf5 } from "./read.ts";

/**
 * The root group of any HDF5 file: in place where it is laid out as Keras and h5py do by default, else read as a whole by the
 * package `h5wasm`.
 */
export async function readHdf5(bytes: Uint8Array, source = "the file"): Promise<Hdf5Group> {
  try {
    const root = openHdf5(bytes, source);
    visit(root);
    return root;
  } catch (error) {
    const library = error instanceof UnsupportedError ? findLibrary() : undefined;
    if (library === undefined) throw error;
    return readWithLibrary(bytes, source, library);
  }
}

/** Groups inside of groups that are looked at; deeper ones are when they are asked for. */
const deepest = 64;

/** Looks at every object, so that what our reader leaves to the library is known at once. */
function visit(object: Hdf5Group | Hdf5Dataset, depth = 0): void {
  void object.attributes.size;
  if (object.kind === "dataset") return;
  for (const name of object.names) {
    const member = object.get(name);
    if (member !== undefined && depth < deepest) visit(member, depth + 1);
  }
}
