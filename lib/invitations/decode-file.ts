/**
 * Decodes an uploaded list. Spreadsheet programs write UTF-8, UTF-16 ("Unicode text", with a byte order mark) or, older ones,
 * Windows-1252, which is invalid UTF-8 as soon as a letter has an accent. A database may omit the mark; every other byte of plain
 * letters is zero then.
 */
export function decodeFile(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (second === 0 && first !== 0) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0 && second !== 0) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
