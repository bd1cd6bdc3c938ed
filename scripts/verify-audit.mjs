#!/usr/bin/env node
/**
 * Checks an audit log that was exported as JSON Lines, without Rollcall: `node verify-audit.mjs FILE [NUMBER HASH]`.
 * Each line holds an entry, the hash of the previous entry (`previous`) and its own: SHA-256 of the line without `hash`,
 * written with its keys sorted by length and then by bytes, and a blank after each comma and colon.
 * NUMBER and HASH are a head that was noted earlier: the entry of that number must have that hash.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const [file, headNumber, headHash] = process.argv.slice(2);
if (!file) fail('Which file? node verify-audit.mjs FILE [NUMBER HASH]', 2);

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort((a, b) => {
    const [x, y] = [Buffer.from(a), Buffer.from(b)];
    return x.length - y.length || Buffer.compare(x, y);
  });
  return `{${keys.map((key) => `${JSON.stringify(key)}: ${canonical(value[key])}`).join(', ')}}`;
}

function entryOf(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return fail(`Line ${count + 1} is no entry of an audit log: it is no JSON.`);
  }
}

function fail(words, code = 1) {
  console.error(words);
  process.exit(code);
}

// Lines come nearly in the order of their numbers. Only lines that still wait for a neighbour are kept.
const wanted = new Map(); // number → the hash that the line of this number must have
const waiting = new Map(); // number → the hash of that line, until its successor comes
let count = 0;
let headSeen = false;

const input = createReadStream(file).on('error', ({ message }) => fail(`The file cannot be read: ${message}.`, 2));
for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
  if (text === '') continue;
  const { hash, ...line } = entryOf(text);
  const { number, previous, at, action } = line;
  const broken = (words) => fail(`Line ${count + 1}, entry ${number} (${at}, ${action}): ${words}`);
  if (createHash('sha256').update(canonical(line)).digest('hex') !== hash)
    broken('it was changed: its hash is another.');
  if ((number === 1) !== (previous === '')) broken('it was moved: only number 1 has none before it.');
  if (wanted.has(number) && wanted.get(number) !== hash)
    broken('it was changed or moved: the next entry expects another.');
  if (waiting.has(number - 1) && waiting.get(number - 1) !== previous)
    broken('it was changed or moved: it expects another before it.');
  if (String(number) === headNumber) {
    if (hash !== headHash) broken('its hash is not the one that was noted down.');
    headSeen = true;
  }
  if (!waiting.delete(number - 1) && number > 1) wanted.set(number - 1, previous);
  if (!wanted.delete(number)) waiting.set(number, hash);
  count++;
}

const gaps = [...wanted.keys()].sort((a, b) => a - b);
if (headNumber && !headSeen) fail(`Entry ${headNumber}, which was noted down, is not in the file.`);
if (count === 0) fail('There is no entry in the file.', 2);
if (gaps.length > 0)
  fail(
    `Each of the ${count} entries is as it was sealed, but some are not in the file: entry ${gaps[0]} is the first.`,
    3,
  );
const last = Math.max(0, ...waiting.keys());
console.log(`All ${count} entries are unbroken. The last is number ${last}, with hash ${waiting.get(last) ?? ''}.`);
