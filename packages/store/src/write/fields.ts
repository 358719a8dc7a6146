// Reading protobuf that was checked when it was received: no bounds are tested here.

/** The end position and the value of the last varint read: two results without an object. */
export const cursor = { pos: 0 };

/** Hot: a varint below 2^53; leaves `cursor.pos` behind it. */
export function varint(bytes: Uint8Array, pos: number): number {
  let byte = bytes[pos++]!;
  if (byte < 0x80) {
    cursor.pos = pos;
    return byte;
  }
  let value = byte & 0x7f;
  for (let scale = 128; ; scale *= 128) {
    byte = bytes[pos++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  cursor.pos = pos;
  return value;
}

/** Hot: four bytes, little-endian, unsigned. */
export function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
