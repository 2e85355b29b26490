export { readHdf5 } from "./open.ts";
export { type AttributeValue, type Hdf5Dataset, type Hdf5Group, openHdf5 } from "./read.ts";
export type { ElementType } from "./types.ts";
export {
  type AttributeSource,
  type DatasetSource,
  emptyGroup,
  encodeHdf5,
  type GroupSource,
  groupAt,
} from "./write.ts";
