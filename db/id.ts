import { randomFillSync } from 'node:crypto';

/** Random bytes for a hundred ids at a time: one call for each id would cost more than everything else here. */
const random = Buffer.alloc(100 * 16);
let used = random.length;

function randomId(): Buffer {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  used += 16;
  return Buffer.from(random.subarray(used - 16, used));
}

let lastMs = 0;
let sequence = 0;

/**
 * UUID version 7 (RFC 9562, 5.7): ids made later sort later, so inserts stay at the right edge of an index. Within one
 * millisecond of a process, a counter in `rand_a` keeps the order (6.2, method 1): the second audit entry of a command sorts
 * second.
 */
export function newId(now: Date = new Date()): string {
  const ms = now.getTime();
  const bytes = randomId();
  // Seeded in the lower half of its range, to leave room to count.
  sequence = ms === lastMs ? (sequence + 1) & 0xfff : bytes.readUInt16BE(6) & 0x7ff;
  lastMs = ms;
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt16BE(0x7000 | sequence, 6);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** An id as this product writes it. */
export const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
/** An id as others may write it: the database accepts either case. */
export const UUID = new RegExp(ID, 'i');

/** The lower bound of the ids made in this millisecond: converts a date to a position among ids. */
export function firstIdAt(at: Date): string {
  // There is nothing from before 1970.
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
