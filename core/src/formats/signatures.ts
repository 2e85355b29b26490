// How files begin: enough to tell their kind before the reader of that kind is loaded.

/** \x89HDF\r\n\x1a\n */
export const hdf5Signature = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);
/** PK\x03\x04 */
const zipSignature = Uint8Array.of(0x50, 0x4b, 3, 4);

const begins = (bytes: Uint8Array, signature: Uint8Array): boolean => signature.every((byte, at) => bytes[at] === byte);

/** True where bytes begin as an HDF5 file does. */
export const isHdf5 = (bytes: Uint8Array): boolean => begins(bytes, hdf5Signature);
/** True where bytes begin as a zip archive. */
export const isZip = (bytes: Uint8Array): boolean => begins(bytes, zipSignature);
