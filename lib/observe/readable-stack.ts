import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Maps a stack to the sources. Node would read the source map of each file it loads, and hold sixty megabytes in every
 * process for stacks that are rarely written. That is switched off (scripts/serve/app.ts), and the maps are read here.
 */
export function readableStack(stack: string): string {
  const maps = new Map<string, SourceMap | null>();
  const readable = (line: string): string => {
    const place = placeIn(line);
    if (!place) return line;
    const map = maps.get(place.file) ?? mapOf(place.file);
    maps.set(place.file, map);
    const entry = map?.findEntry(place.line - 1, place.column - 1);
    if (!entry || !('originalSource' in entry)) return line;
    const source = entry.originalSource.replace(/^(?:\.\.\/)+/, '');
    return line.replace(place.text, () => `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`);
  };
  return stack.split('\n').map(readable).join('\n');
}

/** The position in a frame of the server build: the text in brackets, or after the last space. */
function placeIn(frame: string) {
  const end = frame.endsWith(')') ? frame.length - 1 : frame.length;
  const text = frame.slice(Math.max(frame.lastIndexOf('(', end), frame.lastIndexOf(' ', end)) + 1, end);
  const [column, line, ...rest] = text
    .split(':')
    .reverse()
    .map((part, i) => (i < 2 ? Number(part) : part));
  const file = rest.reverse().join(':');
  if (!file.includes('/server/') || !file.endsWith('.js') || !Number(line) || !Number(column)) return null;
  return { text, file, line: Number(line), column: Number(column) };
}

function mapOf(file: string): SourceMap | null {
  try {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')) as SourceMapPayload);
  } catch {
    // Without a map, the position stays as it is.
    return null;
  }
}
