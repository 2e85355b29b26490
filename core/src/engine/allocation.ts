import { emit } from "../base/events.ts";
import type { Device, DeviceBuffer } from "../device/device.ts";
import type { Node } from "../graph/node.ts";

// All memory of values comes and goes here, so that the log of allocations is whole. Programs tell of theirs when they are loaded.

/** A buffer of the device. `node`: whose value it is for. */
export function take(device: Device, bytes: number, node?: Node): DeviceBuffer {
  const buffer = device.allocate(bytes);
  tell(device, buffer, bytes, node);
  return buffer;
}

export function giveBack(device: Device, buffer: DeviceBuffer): void {
  device.free(buffer);
  tell(device, buffer, -buffer.bytes);
}

const tell = (device: Device, buffer: DeviceBuffer, bytes: number, node?: Node): void =>
  emit("allocation", () => ({ device: device.name, buffer, bytes, name: node === undefined ? "" : nameOf(node) }));

const nameOf = ({ op, attrs }: Node): string => (op === "input" ? (attrs as Node<"input">["attrs"]).name : op);
