import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A place in what was built for the server. */
const PLACE = /((?:file:\/\/)?\/[^\s()]+\/server\/[^\s()]+\.js):(\d+):(\d+)/g;

/**
 * A stack that names the sources. Node would read the map of each file as it loads it, and hold sixty megabytes in every
 * process for stacks that are hardly ever written; so it is told not to (scripts/serve/app.ts), and they are read here.
 */
export function readableStack(stack: string): string {
  const maps = new Map<string, SourceMap | null>();
  return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    const map = maps.get(file) ?? mapOf(file);
    maps.set(file, map);
    const entry = map?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !('originalSource' in entry)) return place;
    return `${entry.originalSource.replace(/^(?:\.\.\/)+/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function mapOf(file: string): SourceMap | null {
  try {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')) as SourceMapPayload);
  } catch {
    // Without one the place stays as it is.
    return null;
  }
}
