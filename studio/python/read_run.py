"""Reads a run log of Chainrule's studio (runs/<id>/log) with nothing but Python's standard library.

    python3 read_run.py runs/digits-1/log          # JSON: created, events, series and their values, and where the log is whole
    from read_run import read_run                  # or the same as Python values

Little-endian, everything at multiples of 8 bytes. Header: "NLOG", u16 version, u16 flags, f64 created. Then frames: u32 length of the
payload, u8 kind, u8 flags, u16 stream, u32 step, u32 CRC-32C of those 12 bytes and the payload, payload, padding. What a training
that was killed has torn off at the end is left out: all before it is whole.
"""
import array, json, struct, sys

KINDS = {1: "event", 2: "define", 3: "scalars", 4: "stats", 5: "histogram", 6: "slice", 7: "spans", 8: "memory", 9: "checkpoint", 10: "index"}
LONGEST = 64 << 20  # no honest payload is longer

TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)  # Castagnoli's polynomial, reflected
    TABLE.append(number)

def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF

def frames(data):
    """(kind, stream, step, payload, end) of each whole frame; stops where the log is torn or damaged."""
    at = 16
    while at + 16 <= len(data):
        length, kind, _, stream, step, crc = struct.unpack_from("<IBBHII", data, at)
        end = at + 16 + (length + 7 & ~7)
        payload = data[at + 16 : at + 16 + length]
        if length > LONGEST or end > len(data) or crc32c(data[at : at + 12] + payload) != crc:
            return
        yield KINDS.get(kind), stream, step, payload, end
        at = end

def numbers(code, payload, at, count):
    found = array.array(code, payload[at : at + 4 * count])
    if sys.byteorder == "big":
        found.byteswap()
    return found

def read_run(data):
    magic, version, _, created = struct.unpack_from("<4sHHd", data.ljust(16, b"\0"))
    if len(data) < 16 or magic != b"NLOG" or version != 1:
        raise ValueError("this is no run log of version 1")
    run = {"created": created, "events": [], "series": {}, "tensors": {}, "end": 16}
    for kind, _, step, payload, end in frames(data):
        if kind == "event":
            run["events"].append({"step": step, **json.loads(payload)})
        elif kind == "define":
            told = json.loads(payload)
            values = {"steps": [], "times": [], "values": []} if told["define"] == "series" else {}
            run["series" if values else "tensors"][told["id"]] = {**told, **values}
        elif kind == "scalars":  # u32 series, u32 steps, f64 first time; ids, steps, f32 ms since then; f32 values [series, steps]
            count, length, first = struct.unpack_from("<IId", payload)
            steps = numbers("I", payload, 16 + 4 * count, length)
            since = numbers("f", payload, 16 + 4 * (count + length), length)
            for row, series in enumerate(numbers("I", payload, 16, count)):
                curve = run["series"][series]
                curve["steps"] += steps
                curve["times"] += [first + each for each in since]
                curve["values"] += numbers("f", payload, 16 + 4 * (count + (2 + row) * length), length)
        run["end"] = end
    return run

if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        print(json.dumps(read_run(file.read())))
