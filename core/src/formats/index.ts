export {
  type ArchiveEntry,
  type ArchiveKind,
  type ArchiveOptions,
  archiveEntries,
  type Chunks,
  chunksOf,
  entryBytes,
  gathered,
  gunzip,
  inflated,
  unpackArchive,
} from "./archive/index.ts";
export { type BlobLike, type ByteSource, blobSource, bytesSource, openFile } from "./byteSource.ts";
export { appendToFile, listFolder, makeFolder, readFile, removeFile, writeFileAtomically } from "./file.ts";
export * from "./hdf5/index.ts";
export { decodeIdx } from "./idx.ts";
export { decodeNpy, encodeNpy, type NumpyArray, type NumpyType, npyPickle, type OpenNpy, openNpy } from "./npy.ts";
export { decodeNpz, encodeNpz, type NpzOptions, npzMembers } from "./npz.ts";
export { type OpenSafeTensors, openSafeTensors } from "./openSafeTensors.ts";
export { type OpenParquet, openParquet, type ParquetOptions, type ParquetValues } from "./parquet.ts";
export { decodePickle, type Pickled, PickledArray } from "./pickle.ts";
export { encodePng } from "./png.ts";
export { decodeSafeTensors, encodeSafeTensors, type SafeTensors, type StoredTensor } from "./safetensors.ts";
export { isHdf5, isZip } from "./signatures.ts";
export {
  encodeEvent,
  encodeFileVersion,
  type GraphNode,
  type Histogram,
  type Image,
  type TensorBoardEvent,
} from "./tfevents.ts";
export { decodeWav, encodeWav, type Sound } from "./wav.ts";
export { type PendingTensor, writeShards } from "./writeSafeTensors.ts";
export { encodeZip, openZip, type ZipMember } from "./zip.ts";
