import { type Cursor, refused } from "./cursor.ts";

// "HDF5 File Format Specification 3.0", IV.A.2.d: the datatype message.

/** What the elements of a dataset or an attribute are. */
export type ElementType =
  /** As NumPy names them: "f4" is a float of 4 bytes. */
  | { readonly kind: "float" | "int" | "uint"; readonly bytes: number; readonly bigEndian: boolean }
  | { readonly kind: "bool"; readonly bytes: 1; readonly bigEndian: false }
  /** Texts of a fixed number of bytes. */
  | { readonly kind: "text"; readonly bytes: number }
  /** Texts of any length, which lie in a heap. */
  | { readonly kind: "heapText"; readonly bytes: 16 }
  /** Bytes whose meaning only an attribute tells, such as bfloat16. */
  | { readonly kind: "opaque"; readonly bytes: number };

const classes = { integer: 0, float: 1, text: 3, opaque: 5, enumeration: 8, heap: 9 } as const;
/** The spec's own names, for messages. */
const classNames = [
  "",
  "",
  "times",
  "",
  "bit fields",
  "",
  "records",
  "references",
  "",
  "",
  "arrays",
  "complex numbers",
];

export function readType(cursor: Cursor): ElementType {
  const { source } = cursor.file;
  const start = cursor.u8();
  const bits = cursor.u8() | (cursor.u8() << 8) | (cursor.u8() << 16);
  const bytes = cursor.u32();
  const bigEndian = (bits & 1) === 1;
  const odd = (): never => {
    throw refused(source, `numbers of ${bytes} bytes`);
  };
  switch (start & 15) {
    case classes.integer: {
      const offset = cursor.u16();
      const precision = cursor.u16();
      if (![1, 2, 4, 8].includes(bytes) || offset !== 0 || precision !== bytes * 8) return odd();
      return { kind: (bits & 8) === 0 ? "uint" : "int", bytes, bigEndian };
    }
    case classes.float:
      cursor.skip(12);
      // Bit 6 is the order of the VAX.
      return ![2, 4, 8].includes(bytes) || (bits & 64) !== 0 ? odd() : { kind: "float", bytes, bigEndian };
    case classes.text:
      return { kind: "text", bytes };
    case classes.opaque:
      return { kind: "opaque", bytes };
    case classes.enumeration: {
      // NumPy's bool: a byte of which FALSE is 0 and TRUE is 1.
      const base = readType(cursor);
      if (bytes !== 1 || base.bytes !== 1 || (bits & 0xffff) !== 2) throw refused(source, "enumerations");
      return { kind: "bool", bytes: 1, bigEndian: false };
    }
    case classes.heap:
      if ((bits & 15) !== 1 || bytes !== 16) throw refused(source, "lists of varying length");
      return { kind: "heapText", bytes: 16 };
    default:
      throw refused(source, `elements of class ${start & 15} (${classNames[start & 15] || "unknown"})`);
  }
}
